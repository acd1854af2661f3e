import { TandemError } from "../errors.ts";
import { SYSTEM } from "./dialects/control-tokens.ts";
import { dialect } from "./dialects/index.ts";
import type { DialectName, Tokenizer } from "./types.ts";

/** What a checkpoint shows of its dialect. */
export interface DialectEvidence {
  /** `config.json`, unvalidated. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizer?: Pick<Tokenizer, "controlId">;
  /** The Python encoder shipped with the checkpoint (`encoding/*.py`), as text: it is searched, never executed. */
  readonly encoderSource?: string;
  /** The user's own choice; wins over everything. */
  readonly override?: DialectName;
}

export interface DetectedDialect {
  readonly name: DialectName;
  /** Why, in sentences fit to print; the deciding one first. */
  readonly reasons: readonly string[];
}

/** Names that occur in one generation's encoder only, newest first: V4.1 still mentions what came before. */
const ENCODER_MARKS: readonly (readonly [DialectName, string])[] = [
  ["v4.1", "SYSTEM_SP_TOKEN"],
  ["v4-0731", "REASONING_EFFORT_PROMPTS"],
  ["v4-0731", "Beyond maximum"],
  ["v4", "REASONING_EFFORT_MAX"],
  ["v3.2", "function_calls"],
];

const MODEL_TYPES: Readonly<Record<string, DialectName>> = {
  deepseek_v3: "v3.1",
  deepseek_v32: "v3.2",
  deepseek_v4: "v4",
  deepseek_v41: "v4.1",
};

/**
 * Which dialect a checkpoint speaks, by what it ships and never by what it is called: first its encoder's text, then its control tokens,
 * then `model_type`. Errors `text/no-dialect` if nothing tells, `text/unknown-dialect` for a wrong override.
 */
export function detectDialect(evidence: DialectEvidence): DetectedDialect {
  if (evidence.override !== undefined) return { name: dialect(evidence.override).name, reasons: ["It was chosen explicitly."] };

  const { model_type: type } = evidence.config;
  const byType = typeof type === "string" && Object.hasOwn(MODEL_TYPES, type) ? MODEL_TYPES[type] : undefined;
  const typeReason = `config.json says model_type ${JSON.stringify(type)}.`;

  const mark = ENCODER_MARKS.find(([, text]) => evidence.encoderSource?.includes(text));
  if (mark) return { name: mark[0], reasons: [`The encoder shipped with the checkpoint contains "${mark[1]}".`, typeReason] };

  const systemId = evidence.tokenizer?.controlId(SYSTEM);
  if (systemId !== undefined)
    return { name: "v4.1", reasons: [`The tokenizer has the control token ${SYSTEM} (id ${systemId}), which only V4.1 has.`, typeReason] };

  if (byType === undefined)
    throw new TandemError("text/no-dialect", {
      reason: `it ships no encoder we know, its tokenizer has no ${SYSTEM}, and ${typeReason.slice(0, -1)}`,
    });
  const caution =
    byType === "v4"
      ? [
          "No encoder was shipped, so V4-Flash-0731 and V4-Pro-0813 cannot be told from the preview; name the dialect if it is one of these.",
        ]
      : [];
  return { name: byType, reasons: [typeReason, ...caution] };
}
