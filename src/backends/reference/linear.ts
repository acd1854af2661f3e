import type { Values } from "./values.ts";

/**
 * y[n, o] = Σ_i x[n, xAt + i] · w[o, i] for outputs [first, last). Products and sums in float64: whatever rounding a
 * format prescribes is applied by the caller, not by accident of summation. Eight outputs a pass would be faster; four
 * partial sums keep the order fixed, so a row's result never depends on which other rows share the batch.
 */
export function matmul(y: Values, x: Values, w: Float32Array, inputs: number, first: number, last: number, xAt = 0): void {
  for (let n = 0; n < x.rows; n++) {
    const row = x.data.subarray(n * x.columns + xAt, n * x.columns + xAt + inputs);
    for (let o = first; o < last; o++) y.data[n * y.columns + o] = dot(row, w, o * inputs, inputs);
  }
}

function dot(x: Float64Array, w: Float32Array, at: number, length: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += x[i]! * w[at + i]!;
    b += x[i + 1]! * w[at + i + 1]!;
    c += x[i + 2]! * w[at + i + 2]!;
    d += x[i + 3]! * w[at + i + 3]!;
  }
  for (; i < length; i++) a += x[i]! * w[at + i]!;
  return a + b + (c + d);
}
