import type { Checkpoint } from "../checkpoint/index.ts";
import { TandemError } from "../errors.ts";
import {
  type DetectedDialect,
  type Dialect,
  type DialectName,
  detectDialect,
  dialect,
  loadTokenizer,
  type Tokenizer,
} from "../text/index.ts";
import type { SamplingOptions } from "./sampling.ts";

/** Tokenizer, dialect, and the ids that end an answer. */
export interface TextSide {
  readonly tokenizer: Tokenizer;
  readonly dialect: Dialect;
  /** Why this dialect, in sentences. */
  readonly reasons: readonly string[];
  readonly stops: ReadonlySet<number>;
}

/** A model that writes one of these has left its turn; beside EOS they are the safety stops of prompting-and-api section 3.5. */
const SAFETY_STOPS = [
  "<｜begin▁of▁sentence｜>",
  "<｜end▁of▁sentence｜>",
  "<｜User｜>",
  "<｜Assistant｜>",
  "<｜System｜>",
  "<｜latest_reminder｜>",
];

/** Encoders that checkpoints ship; searched as text for the dialect's fingerprint, never executed. */
const ENCODERS = ["encoding/encoding_dsv4.py", "encoding/encoding.py", "encoding/encoding_dsv32.py"];

/** Needs no weights: any folder's configuration and side files will do. */
export async function loadText(
  checkpoint: Pick<Checkpoint, "config" | "sideFile">,
  eosId: number,
  override?: DialectName,
): Promise<TextSide | undefined> {
  const bytes = await checkpoint.sideFile("tokenizer.json");
  if (!bytes) return undefined;
  const tokenizer = loadTokenizer(bytes);
  const { name, reasons } = await dialectOf(checkpoint, tokenizer, override);
  const stops = SAFETY_STOPS.map((spelling) => tokenizer.controlId(spelling)).filter((id) => id !== undefined);
  return { tokenizer, dialect: dialect(name), reasons, stops: new Set([eosId, ...stops]) };
}

/** The dialect by all a checkpoint shows of it. Error `text/no-dialect`. */
export async function dialectOf(
  checkpoint: Pick<Checkpoint, "config" | "sideFile">,
  tokenizer: Tokenizer | undefined,
  override?: DialectName,
): Promise<DetectedDialect> {
  const encoder = await firstFile(checkpoint, ENCODERS);
  return detectDialect({
    config: checkpoint.config,
    ...(tokenizer && { tokenizer }),
    ...(encoder && { encoderSource: new TextDecoder().decode(encoder) }),
    ...(override && { override }),
  });
}

/**
 * Sampling from generation_config.json. Without one: temperature 1, top-p 0.95, as DeepSeek's cards recommend.
 * `do_sample: false` means greedy.
 */
export async function loadSamplingDefaults(checkpoint: Checkpoint): Promise<SamplingOptions> {
  const fallback = { temperature: 1, topP: 0.95 };
  const bytes = await checkpoint.sideFile("generation_config.json");
  if (!bytes) return fallback;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new TandemError("engine/bad-generation-config", { location: checkpoint.location }, { cause });
  }
  const fields = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  if (fields.do_sample === false) return { temperature: 0 };
  const number = (value: unknown, otherwise: number) => (typeof value === "number" && Number.isFinite(value) ? value : otherwise);
  return { temperature: number(fields.temperature, fallback.temperature), topP: number(fields.top_p, fallback.topP) };
}

async function firstFile(checkpoint: Pick<Checkpoint, "sideFile">, paths: readonly string[]): Promise<Uint8Array | undefined> {
  for (const path of paths) {
    const bytes = await checkpoint.sideFile(path);
    if (bytes) return bytes;
  }
  return undefined;
}
