import type { BlockFormat } from "./block-format.ts";
import {
  blockColumns,
  blockMax,
  blockRows,
  checkLength,
  planOf,
  scaleValue,
  storedScale,
  tensorScaleOf,
  type Values,
} from "./block-plan.ts";
import { roundRun } from "./round-run.ts";

/**
 * Quantises and dequantises a row-major matrix in place: exactly `dequantise(quantise(…))`, NaN blocks included, without the codes
 * and without allocating. This is how an interpreter applies a chip's rounding to activations.
 * @throws TandemError `formats/length` unless values.length = rows * columns
 */
export function roundTrip(block: BlockFormat, values: Values, rows: number, columns: number, tensorScale?: number): void {
  checkLength("values", values.length, rows * columns);
  const plan = planOf(block);
  const second = tensorScale ?? tensorScaleOf(plan, values);
  const height = blockRows(block, rows);
  const width = blockColumns(block, columns);
  for (let r0 = 0; r0 < rows; r0 += height) {
    const r1 = Math.min(r0 + height, rows);
    for (let c0 = 0; c0 < columns; c0 += width) {
      const c1 = Math.min(c0 + width, columns);
      const stored = storedScale(plan, blockMax(values, columns, r0, r1, c0, c1), second);
      const scale = scaleValue(plan, stored, second);
      for (let r = r0; r < r1; r++) {
        const start = r * columns + c0;
        const end = r * columns + c1;
        if (scale > 0) roundRun(plan, values, start, end, scale, values, start, scale);
        else values.fill(scale === 0 ? 0 : Number.NaN, start, end);
      }
    }
  }
}
