import { activation, roundBF16Scalar as step } from "./bf16";
import { loadLeft, storeLeft, sumHalves, sumPair } from "./floats";

/**
 * w · x / sqrt(mean(x²) + eps) for parts [begin, end) of `width` floats each; `weight` 0: none, else `width` floats. The sum is a double.
 * `bf16Steps` rounds square, mean, the sum with eps and the root, as the official query norm does.
 */
export function rmsNorm(y: usize, x: usize, weight: usize, begin: i32, end: i32, width: i32, eps: f64, bf16: bool, bf16Steps: bool): void {
  for (let n = begin; n < end; n++) {
    const at = <usize>n * width * 4;
    const sum = squares(x + at, width, bf16Steps);
    const mean = sum / <f64>width;
    const inverse = bf16Steps ? step(1 / sqrt(step(step(mean) + eps))) : 1 / sqrt(mean + eps);
    const factor = f32x4.splat(<f32>inverse);
    for (let i = 0; i < width; i += 4) {
      let v = f32x4.mul(v128.load(x + at + i * 4), factor);
      if (weight) v = f32x4.mul(v, v128.load(weight + i * 4));
      storeLeft(y + at + i * 4, activation(v, bf16), width - i);
    }
  }
}

/** y[n] = Σ x² over row n. */
export function sumSquares(y: usize, x: usize, begin: i32, end: i32, columns: i32): void {
  for (let n = begin; n < end; n++) f32.store(y + n * 4, <f32>squares(x + <usize>n * columns * 4, columns, false));
}

@inline
function squares(x: usize, count: i32, rounded: bool): f64 {
  let sum = f64x2.splat(0);
  for (let i = 0; i < count; i += 4) {
    const v = loadLeft(x + i * 4, count - i);
    sum = f64x2.add(sum, sumHalves(activation(f32x4.mul(v, v), rounded)));
  }
  return sumPair(sum);
}
