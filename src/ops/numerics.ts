import { type BlockFormat, blockFormat, type ElementName, type FormatName } from "../formats/index.ts";
import type { WeightSource } from "../tensor/index.ts";
import { LINEAR_KINDS, type LinearKind, type RoundingSite } from "./sites.ts";

/** `exact` leaves the number as the interpreter computed it. */
export type Format = FormatName | "exact";

/** What one kind of linear layer does to the numbers that go in and come out. */
export interface LinearNumerics {
  /** Applied to the input when the weight is stored in a block format; unquantised weights take their input as it is. */
  readonly input: BlockFormat | "exact";
  readonly output: Format;
}

/** Linear weights stored in blocks of one element format, used in another block format. */
export interface Reencoding {
  readonly from: ElementName;
  readonly to: BlockFormat;
}

/** Precision as data: for every place where a value is rounded, its format and scale rule. */
export interface Numerics {
  readonly name: string;
  readonly title: string;
  /** Every activation an operation hands on, unless named below. */
  readonly activations: Format;
  readonly linear: Readonly<Record<LinearKind, LinearNumerics>>;
  /** Absent: every weight is used as stored. Plain weights (BF16, F32, …) always are. */
  readonly weights?: readonly Reencoding[];
  readonly sites: Readonly<Record<RoundingSite, BlockFormat | "exact">>;
  /** Each step of the per-head query norm (square, mean, rsqrt, product). */
  readonly queryNorm: Format;
  /** Softmax probabilities as they multiply the values; their sum stays exact. */
  readonly probabilities: Format;
  /** Indexer dot products, weighted terms and sums. */
  readonly indexScores: Format;
}

const everyLinear = (of: (kind: LinearKind) => LinearNumerics): Record<LinearKind, LinearNumerics> =>
  Object.fromEntries(LINEAR_KINDS.map((kind) => [kind, of(kind)])) as Record<LinearKind, LinearNumerics>;

/** Stored weights dequantised, nothing else rounded: the mathematics of the checkpoint. */
export const float: Numerics = {
  name: "float",
  title: "stored weights, no activation rounding",
  activations: "exact",
  linear: everyLinear(() => ({ input: "exact", output: "exact" })),
  sites: { kv: "exact", indexer: "exact" },
  queryNorm: "exact",
  probabilities: "exact",
  indexScores: "exact",
};

/** Kinds whose result stays in fp32 in the official forward. */
const FP32_OUTPUT: readonly LinearKind[] = ["compressor", "gate", "head"];
/** Kinds that read their input as it is, whatever the weight's format: wo_a is widened to BF16 at load. */
const UNQUANTISED_INPUT: readonly LinearKind[] = ["attention.o_a", "indexer.weights", "compressor", "gate", "head"];

/** The official forward, current revision: BF16 activations, FP8 1×128 inputs, FP8 KV and FP4 indexer round trips. Spec: v4-architecture section 5. */
export const official: Numerics = {
  name: "official",
  title: "rounding of the official forward (BF16 activations, UE8M0 FP8 inputs, FP8 KV, FP4 indexer)",
  activations: "BF16",
  linear: everyLinear((kind) => ({
    input: UNQUANTISED_INPUT.includes(kind) ? "exact" : blockFormat("deepseek-fp8-activation"),
    output: FP32_OUTPUT.includes(kind) ? "F32" : "BF16",
  })),
  sites: { kv: blockFormat("deepseek-fp8-kv"), indexer: blockFormat("deepseek-fp4") },
  queryNorm: "BF16",
  probabilities: "BF16",
  indexScores: "BF16",
};

/**
 * For processors that multiply 8-bit integers several times as fast as floats. A weight stored as block-scaled E4M3 is dequantised and
 * quantised again when it is loaded; inputs are rounded as if it still were FP8, FP4 experts and everything else stay as they are.
 */
export const int8: Numerics = {
  ...official,
  name: "int8",
  title: "official, with FP8 weights re-encoded to INT8 when loaded (blocks of 64 columns, F32 scales)",
  weights: [{ from: "E4M3", to: blockFormat("int8-block64") }],
};

export const NUMERICS: ReadonlyMap<string, Numerics> = new Map([float, official, int8].map((n) => [n.name, n]));

/** The block format a weight is re-encoded to when it is loaded; undefined: it is used as stored. */
export const reencoding = (numerics: Numerics, { quantised }: WeightSource): BlockFormat | undefined =>
  numerics.weights?.find(({ from }) => from === quantised?.block.element)?.to;
