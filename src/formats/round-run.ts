import type { BlockPlan, Values } from "./block-plan.ts";
import { snap } from "./rounder.ts";

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/**
 * The one loop behind every block format: values[start…end-1] divided by the scale, rounded to the element's grid, clamped, and times
 * `factor` written to out[at…]. Float32 throughout, except that a power-of-two scale divides a double without rounding it.
 */
export function roundRun(
  plan: BlockPlan,
  values: Values,
  start: number,
  end: number,
  scale: number,
  out: Values,
  at: number,
  factor: number,
): void {
  const { grid, element, above, below, powerOfTwo, block } = plan;
  const { magic } = grid;
  const { max, lowest, hasNegativeZero } = element;
  const inverse = 1 / scale;
  const even = block.rounding === "nearest-even";
  const shift = at - start;
  for (let i = start; i < end; i++) {
    const quotient = powerOfTwo ? values[i] * inverse : Math.fround(values[i] / scale);
    let y: number;
    if (even) {
      // snap(), by hand: this loop runs over every activation of the model.
      double[0] = quotient;
      const add = magic[(words[1] >>> 20) & 0x7ff];
      y = quotient + add - add;
    } else y = snap(grid, quotient, block.rounding);
    if (y > max) y = above;
    else if (y < lowest) y = below;
    else if (y === 0 && hasNegativeZero) y = quotient * 0;
    out[i + shift] = Math.fround(y * factor);
  }
}
