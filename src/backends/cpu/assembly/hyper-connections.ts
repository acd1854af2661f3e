import { activation } from "./bf16";
import { exp64 } from "./exp";
import { madd, storeLeft } from "./floats";

/**
 * Coefficients of rows [begin, end) for n streams: pre [n], post [n], mix [n · n], from m = fn · v [2n + n²] before the root mean square,
 * whose squares' sum over `columns` floats is squares[row]. base: 2n + n² floats, scale: 3. Everything in between is float64.
 * @param scratch n² doubles
 */
export function hyperCoefficients(
  pre: usize, post: usize, mix: usize, m: usize, squares: usize, base: usize, scale: usize,
  begin: i32, end: i32, streams: i32, columns: i32, iterations: i32, eps: f64, normEps: f64, scratch: usize,
): void {
  const n = streams;
  const cells = n * n;
  for (let row = begin; row < end; row++) {
    const from = m + <usize>row * (2 * n + cells) * 4;
    const inverse = inverseNorm(squares, row, columns, normEps);
    for (let j = 0; j < n; j++) {
      const at = <usize>(row * n + j) * 4;
      f32.store(pre + at, <f32>(sigmoid(affine(from, base, j, inverse, f32.load(scale))) + eps));
      f32.store(post + at, <f32>(2 * sigmoid(affine(from, base, n + j, inverse, f32.load(scale, 4)))));
    }
    for (let i = 0; i < cells; i++) f64.store(scratch + i * 8, affine(from, base, 2 * n + i, inverse, f32.load(scale, 8)));
    sinkhorn(scratch, n, iterations, eps);
    for (let i = 0; i < cells; i++) f32.store(mix + <usize>(row * cells + i) * 4, <f32>f64.load(scratch + i * 8));
  }
}

/** Output head: pre only, from m [n], base [n], scale [1]. */
export function headCoefficients(
  pre: usize, m: usize, squares: usize, base: usize, scale: usize,
  begin: i32, end: i32, streams: i32, columns: i32, eps: f64, normEps: f64,
): void {
  for (let row = begin; row < end; row++) {
    const from = m + <usize>row * streams * 4;
    const inverse = inverseNorm(squares, row, columns, normEps);
    for (let j = 0; j < streams; j++)
      f32.store(pre + <usize>(row * streams + j) * 4, <f32>(sigmoid(affine(from, base, j, inverse, f32.load(scale))) + eps));
  }
}

@inline
function inverseNorm(squares: usize, row: i32, columns: i32, normEps: f64): f64 {
  return 1 / sqrt(<f64>f32.load(squares + row * 4) / <f64>columns + normEps);
}

@inline
function affine(m: usize, base: usize, i: i32, inverse: f64, scale: f32): f64 {
  return <f64>f32.load(m + i * 4) * inverse * <f64>scale + <f64>f32.load(base + i * 4);
}

@inline
function sigmoid(v: f64): f64 {
  return 1 / (1 + exp64(-v));
}

/** Softmax of each row + eps, columns normalised, then (iterations − 1) × rows and columns, in place. */
function sinkhorn(B: usize, n: i32, iterations: i32, eps: f64): void {
  for (let j = 0; j < n; j++) {
    const row = B + j * n * 8;
    let largest: f64 = -Infinity;
    for (let k = 0; k < n; k++) largest = max(largest, f64.load(row + k * 8));
    let sum: f64 = 0;
    for (let k = 0; k < n; k++) {
      const e = exp64(f64.load(row + k * 8) - largest);
      f64.store(row + k * 8, e);
      sum += e;
    }
    for (let k = 0; k < n; k++) f64.store(row + k * 8, f64.load(row + k * 8) / sum + eps);
  }
  normalise(B, n, eps, 8, n * 8);
  for (let i = 1; i < iterations; i++) {
    normalise(B, n, eps, n * 8, 8);
    normalise(B, n, eps, 8, n * 8);
  }
}

/** Divides each of n lines by its sum + eps; `outer` bytes lie between lines, `inner` between their elements. */
function normalise(B: usize, n: i32, eps: f64, outer: usize, inner: usize): void {
  for (let a = 0; a < n; a++) {
    let sum = eps;
    for (let b = 0; b < n; b++) sum += f64.load(B + a * outer + b * inner);
    for (let b = 0; b < n; b++) {
      const at = B + a * outer + b * inner;
      f64.store(at, f64.load(at) / sum);
    }
  }
}

/** y = Σ_j pre_j X_j for rows [begin, end) and columns [columnBegin, columnEnd) of `width`; X_j are the n parts of a row of `streams`. */
export function collapse(
  y: usize, streams: usize, pre: usize, begin: i32, end: i32, columnBegin: i32, columnEnd: i32, n: i32, width: i32, bf16: bool,
): void {
  const pitch = <usize>width * 4;
  for (let row = begin; row < end; row++) {
    const from = streams + row * n * pitch;
    const to = y + row * pitch;
    for (let c = columnBegin; c < columnEnd; c += 4) {
      const sum = addStreams(f32x4.splat(0), from + c * 4, pitch, pre + <usize>row * n * 4, 4, n);
      storeLeft(to + c * 4, activation(sum, bf16), columnEnd - c);
    }
  }
}

/** X'_k = post_k y + Σ_j mix_jk X_j, shared as in `collapse`. */
export function expand(
  out: usize, streams: usize, y: usize, post: usize, mix: usize,
  begin: i32, end: i32, columnBegin: i32, columnEnd: i32, n: i32, width: i32, bf16: bool,
): void {
  const pitch = <usize>width * 4;
  for (let row = begin; row < end; row++) {
    const from = streams + row * n * pitch;
    for (let k = 0; k < n; k++) {
      const to = out + (row * n + k) * pitch;
      const column = mix + <usize>(row * n * n + k) * 4;
      const factor = v128.load32_splat(post + <usize>(row * n + k) * 4);
      for (let c = columnBegin; c < columnEnd; c += 4) {
        const own = f32x4.mul(factor, v128.load(y + row * pitch + c * 4));
        storeLeft(to + c * 4, activation(addStreams(own, from + c * 4, pitch, column, n * 4, n), bf16), columnEnd - c);
      }
    }
  }
}

/** sum + Σ_j coefficient_j x_j in this order; coefficients lie `step`, streams `pitch` bytes apart. */
@inline
function addStreams(sum: v128, x: usize, pitch: usize, coefficients: usize, step: usize, n: i32): v128 {
  let j = 0;
  if (n >= 4) {
    sum = madd(v128.load32_splat(coefficients), v128.load(x), sum);
    sum = madd(v128.load32_splat(coefficients + step), v128.load(x + pitch), sum);
    sum = madd(v128.load32_splat(coefficients + 2 * step), v128.load(x + 2 * pitch), sum);
    sum = madd(v128.load32_splat(coefficients + 3 * step), v128.load(x + 3 * pitch), sum);
    j = 4;
  }
  for (; j < n; j++) sum = madd(v128.load32_splat(coefficients + j * step), v128.load(x + j * pitch), sum);
  return sum;
}
