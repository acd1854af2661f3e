import { TandemError } from "../../errors.ts";
import type { BlockFormat } from "../../formats/index.ts";
import type { Format, LinearKind, Numerics } from "../../ops/index.ts";
import { LINEAR_KINDS } from "../../ops/index.ts";

/** A block rounding the kernels know. */
export interface BlockRounding {
  readonly kind: "fp8" | "fp4";
  readonly columns: number;
}

/** A numerics profile in the kernels' terms; refused if they do not know one of its formats, never approximated. */
export interface Profile {
  readonly activations: boolean;
  readonly queryNorm: boolean;
  readonly probabilities: boolean;
  readonly indexScores: boolean;
  readonly kv: BlockRounding | undefined;
  readonly indexer: BlockRounding | undefined;
  readonly linear: Readonly<Record<LinearKind, { readonly input: BlockRounding | undefined; readonly bf16: boolean }>>;
}

export function profileOf(numerics: Numerics): Profile {
  const refuse = (what: string): never => {
    throw new TandemError("engine/bad-option", {
      option: "numerics",
      value: numerics.name,
      expected: `float, official or int8 on this interpreter (its kernels have no ${what}); the reference interpreter takes any`,
    });
  };
  const bf16 = (format: Format): boolean => {
    if (format === "BF16") return true;
    return format === "exact" || format === "F32" ? false : refuse(format);
  };
  const block = (format: BlockFormat | "exact"): BlockRounding | undefined => {
    if (format === "exact") return undefined;
    const { element, scale, scaleRule, rounding, overflow, amaxFloor, block: extent } = format;
    const common = scale === "E8M0" && scaleRule === "ceil" && rounding === "nearest-even" && overflow === "saturate" && extent.rows === 1;
    if (common && element === "E4M3" && amaxFloor === Math.fround(1e-4)) return { kind: "fp8", columns: extent.columns };
    if (common && element === "E2M1" && amaxFloor === 6 * 2 ** -126) return { kind: "fp4", columns: extent.columns };
    return refuse(format.name);
  };
  const linear = LINEAR_KINDS.map((kind) => {
    const { input, output } = numerics.linear[kind];
    return [kind, { input: block(input), bf16: bf16(output) }] as const;
  });
  return {
    activations: bf16(numerics.activations),
    queryNorm: bf16(numerics.queryNorm),
    probabilities: bf16(numerics.probabilities),
    indexScores: bf16(numerics.indexScores),
    kv: block(numerics.sites.kv),
    indexer: block(numerics.sites.indexer),
    linear: Object.fromEntries(linear) as Profile["linear"],
  };
}
