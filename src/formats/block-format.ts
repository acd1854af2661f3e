import { TandemError } from "../errors.ts";
import type { FormatName, Overflow, Rounding } from "./number-format.ts";
import type { ScaleRuleName } from "./scale-rules.ts";
import { storedBits } from "./storage.ts";

/** Element formats have at most 8 bits. */
export type ElementName = Exclude<FormatName, "F32" | "F16" | "BF16" | "E8M0">;
export type ScaleName = "F32" | "E8M0" | "E4M3";

/** A quantisation scheme: elements that share a scale, block by block. Plain data: a variant is `{ ...BLOCK_FORMATS.mxfp4, rounding: "nearest-away" }`. */
export interface BlockFormat {
  readonly name: string;
  readonly element: ElementName;
  readonly scale: ScaleName;
  /** Extent of a block in a row-major matrix [rows, columns]; `Infinity` is the whole extent. Blocks at the edges may be partial. */
  readonly block: { readonly rows: number; readonly columns: number };
  readonly scaleRule: ScaleRuleName;
  /** How `value / scale` becomes an element. */
  readonly rounding: Rounding;
  readonly overflow: Overflow;
  /** The rule sees max(amax, amaxFloor): keeps a block of zeros from a zero scale. 0: no floor. */
  readonly amaxFloor: number;
  /** Whether one F32 scale for the whole tensor stands above the block scales (NVFP4). */
  readonly tensorScale?: boolean;
}

const WHOLE = Number.POSITIVE_INFINITY;
const row = (columns: number) => ({ rows: 1, columns });
const toNearest = { rounding: "nearest-even", overflow: "saturate" } as const;

/** DeepGEMM and the official kernels take amax to be at least 1e-4 (as float32). */
const FP8_FLOOR = Math.fround(1e-4);
const FP4_FLOOR = 6 * 2 ** -126;
const deepseekFp8 = { element: "E4M3", scale: "E8M0", scaleRule: "ceil", ...toNearest, amaxFloor: FP8_FLOOR } as const;
const deepseekFp8V3 = { ...deepseekFp8, scale: "F32", scaleRule: "max" } as const;
const mx = { scale: "E8M0", block: row(32), scaleRule: "ocp-floor", ...toNearest, amaxFloor: 0 } as const;
const channel = { scale: "F32", block: row(WHOLE), scaleRule: "max", ...toNearest, amaxFloor: 0 } as const;

const LIST = [
  // DeepSeek V3.1 and later: power-of-two scales
  { name: "deepseek-fp8-weight", ...deepseekFp8, block: { rows: 128, columns: 128 } },
  { name: "deepseek-fp8-activation", ...deepseekFp8, block: row(128) },
  { name: "deepseek-fp8-kv", ...deepseekFp8, block: row(64) },
  { name: "deepseek-fp4", element: "E2M1", scale: "E8M0", block: row(32), scaleRule: "ceil", ...toNearest, amaxFloor: FP4_FLOOR },
  // DeepSeek V3 and R1: plain float32 scales
  { name: "deepseek-v3-fp8-weight", ...deepseekFp8V3, block: { rows: 128, columns: 128 } },
  { name: "deepseek-v3-fp8-activation", ...deepseekFp8V3, block: row(128) },
  // OCP MX 1.0
  { name: "mxfp8-e4m3", element: "E4M3", ...mx },
  { name: "mxfp8-e5m2", element: "E5M2", ...mx },
  { name: "mxfp6-e2m3", element: "E2M3", ...mx },
  { name: "mxfp6-e3m2", element: "E3M2", ...mx },
  { name: "mxfp4", element: "E2M1", ...mx },
  // Ascend 950 (CANN): same layout, own rounding and scale rules
  { name: "cann-mxfp8", element: "E4M3", ...mx, scaleRule: "ceil-quotient" },
  { name: "cann-mxfp4", element: "E2M1", ...mx, rounding: "nearest-away" },
  { name: "cann-mxfp4-6", element: "E2M1", ...mx, scaleRule: "ceil-above-1.5" },
  { name: "cann-mxfp4-7", element: "E2M1", ...mx, scaleRule: "ceil-above-1.75" },
  { name: "cann-recipes-mxfp8", element: "E4M3", ...mx, scaleRule: "ceil-above-1.75", rounding: "nearest-away" },
  { name: "cann-recipes-mxfp4", element: "E2M1", ...mx, scaleRule: "ceil-above-1.75", rounding: "nearest-away" },
  // NVIDIA
  { name: "nvfp4", element: "E2M1", scale: "E4M3", block: row(16), scaleRule: "nvfp4", ...toNearest, amaxFloor: 0, tensorScale: true },
  // One scale per row: weights per output channel, activations per token. The same arithmetic under the two names people use.
  { name: "int8-channel", element: "INT8", ...channel },
  { name: "int8-token", element: "INT8", ...channel },
  { name: "int4-channel", element: "INT4", ...channel },
  { name: "fp8-channel", element: "E4M3", ...channel },
  // What the `int8` numerics make of FP8 weights. INT8 has no exponent, hence blocks half as long as FP8's
  { name: "int8-block64", element: "INT8", ...channel, block: row(64) },
] as const satisfies readonly BlockFormat[];

export type BlockFormatName = (typeof LIST)[number]["name"];

/** Every block format by name. */
export const BLOCK_FORMATS = Object.fromEntries(LIST.map((b) => [b.name, b])) as unknown as Readonly<Record<BlockFormatName, BlockFormat>>;

/** The block format called `name`. @throws TandemError `formats/unknown` */
export function blockFormat(name: string): BlockFormat {
  if (!Object.hasOwn(BLOCK_FORMATS, name))
    throw new TandemError("formats/unknown", { kind: "block format", name, known: Object.keys(BLOCK_FORMATS).join(", ") });
  return BLOCK_FORMATS[name as BlockFormatName];
}

/** Bytes of a matrix [rows, columns] in a block format as `quantise` lays it out, scales included. */
export function blockBytes({ element, scale, block }: BlockFormat, rows: number, columns: number): number {
  const blocks = (length: number, side: number) => Math.ceil(length / Math.min(side, length || 1));
  return (
    rows * Math.ceil((columns * storedBits(element)) / 8) +
    (blocks(rows, block.rows) * blocks(columns, block.columns) * storedBits(scale)) / 8
  );
}
