import { activation } from "./bf16";
import { exp } from "./exp";
import { madd, storeLeft } from "./floats";

/**
 * One pooled entry, columns [columnBegin, columnEnd) of `width`: Σ value · softmax(score) over rows `stride` bytes apart,
 * column by column: `before` of the previous window, then `rows` of its own. With `overlap` they are twice as wide; the former give their
 * first half, the latter their second.
 */
export function pool(
  out: usize, values: usize, scores: usize, before: i32, rows: i32, width: i32, stride: usize, overlap: bool,
  columnBegin: i32, columnEnd: i32, bf16: bool,
): void {
  const half = overlap ? <usize>width * 4 : 0;
  for (let c = columnBegin; c < columnEnd; c += 4) {
    let largest = f32x4.splat(-Infinity);
    for (let r = 0; r < before + rows; r++) largest = f32x4.max(largest, v128.load(scores + r * stride + (r < before ? 0 : half) + c * 4));
    let sum = f32x4.splat(0);
    let total = sum;
    for (let r = 0; r < before + rows; r++) {
      const at = r * stride + (r < before ? 0 : half) + c * 4;
      const e = exp(f32x4.sub(v128.load(scores + at), largest));
      sum = madd(e, v128.load(values + at), sum);
      total = f32x4.add(total, e);
    }
    storeLeft(out + c * 4, activation(f32x4.div(sum, total), bf16), columnEnd - c);
  }
}
