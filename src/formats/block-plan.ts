import { TandemError } from "../errors.ts";
import type { BlockFormat } from "./block-format.ts";
import type { NumberFormat } from "./number-format.ts";
import { FORMATS } from "./registry.ts";
import { type Grid, gridOf } from "./rounder.ts";
import { SCALE_RULES } from "./scale-rules.ts";

export type Values = Float32Array | Float64Array;

/** A block format with its names looked up. */
export interface BlockPlan {
  readonly block: BlockFormat;
  readonly element: NumberFormat;
  readonly scale: NumberFormat;
  readonly grid: Grid;
  /** What an element above `element.max` or below `element.lowest` becomes. */
  readonly above: number;
  readonly below: number;
  /** Scales that are powers of two: dividing by them is multiplying by their inverse, exactly. */
  readonly powerOfTwo: boolean;
}

const plans = new WeakMap<BlockFormat, BlockPlan>();

export function planOf(block: BlockFormat): BlockPlan {
  let plan = plans.get(block);
  if (plan === undefined) {
    const element = FORMATS[block.element];
    const beyond = (limit: number) =>
      block.overflow === "saturate" || block.rounding === "toward-zero" ? limit : element.decode(element.encode(limit * 4));
    plan = {
      block,
      element,
      scale: FORMATS[block.scale],
      grid: gridOf(element),
      above: beyond(element.max),
      below: beyond(element.lowest),
      powerOfTwo: block.scale === "E8M0",
    };
    plans.set(block, plan);
  }
  return plan;
}

/** Largest magnitude in rows r0…r1-1, columns c0…c1-1, as float32; NaN if any value is NaN or too large for float32. */
export function blockMax(values: Values, columns: number, r0: number, r1: number, c0: number, c1: number): number {
  let max = 0;
  for (let r = r0; r < r1; r++) {
    const end = r * columns + c1;
    for (let i = r * columns + c0; i < end; i++) {
      const magnitude = Math.abs(values[i]);
      if (magnitude > max) max = magnitude;
      else if (Number.isNaN(magnitude)) return Number.NaN;
    }
  }
  max = Math.fround(max);
  return max < Number.POSITIVE_INFINITY ? max : Number.NaN;
}

const SATURATE = { overflow: "saturate" } as const;

/** Scale of a block as it is stored: a code, or the float32 itself. */
export function storedScale(plan: BlockPlan, amax: number, tensorScale: number): number {
  const { block, scale, element } = plan;
  const exact = !Number.isNaN(amax) ? SCALE_RULES[block.scaleRule](Math.max(amax, block.amaxFloor), element, tensorScale) : amax;
  return scale.bits === 32 ? Math.fround(exact) : scale.encode(exact, SATURATE);
}

/** The float32 that elements are divided and multiplied by, from what is stored. */
export function scaleValue(plan: BlockPlan, stored: number, tensorScale: number): number {
  return Math.fround((plan.scale.bits === 32 ? stored : plan.scale.decode(stored)) * tensorScale);
}

/**
 * Second-level scale of a whole tensor: amax / (largest element * largest block scale), so that the block scales fill their format.
 * Values that are not finite are left out, so that they spoil their own block only. 1 for formats without one and for zeros.
 */
export function tensorScaleOf(plan: BlockPlan, values: Values): number {
  if (!plan.block.tensorScale) return 1;
  let max = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.fround(Math.abs(values[i]));
    if (magnitude > max && magnitude < Number.POSITIVE_INFINITY) max = magnitude;
  }
  return Math.fround(max / (plan.element.max * plan.scale.max)) || 1;
}

/** Rows and columns of a block of this matrix. */
export const blockRows = (block: BlockFormat, rows: number): number => Math.max(1, Math.min(block.block.rows, rows));
export const blockColumns = (block: BlockFormat, columns: number): number => Math.max(1, Math.min(block.block.columns, columns));

export function checkLength(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new TandemError("formats/length", { what, expected, actual });
}
