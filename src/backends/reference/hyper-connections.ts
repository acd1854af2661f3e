import type { HyperOptions } from "../../ops/index.ts";
import { matmul } from "./linear.ts";
import { type LoadedWeight, Values } from "./values.ts";

interface HyperWeightsLoaded {
  readonly fn: LoadedWeight;
  readonly base: LoadedWeight;
  readonly scale: LoadedWeight;
}

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));

/** m = (fn v) · rsqrt(mean(v²) + eps) over all streams at once. */
function project(streams: Values, fn: LoadedWeight, normEps: number): Values {
  const m = new Values(streams.rows, fn.shape[0]!);
  matmul(m, streams, fn.data, streams.columns, 0, m.columns);
  for (let n = 0; n < m.rows; n++) {
    let sum = 0;
    for (let i = n * streams.columns; i < (n + 1) * streams.columns; i++) sum += streams.data[i]! ** 2;
    const inverse = 1 / Math.sqrt(sum / streams.columns + normEps);
    for (let j = 0; j < m.columns; j++) m.data[n * m.columns + j]! *= inverse;
  }
  return m;
}

/** A = σ(·) + eps, C = 2σ(·), B = Sinkhorn(softmax of rows). Source: v4-architecture section 2.2. */
export function hyperCoefficients(streams: Values, w: HyperWeightsLoaded, o: HyperOptions): { pre: Values; post: Values; mix: Values } {
  const n = o.streams;
  const m = project(streams, w.fn, o.normEps);
  const [base, scale] = [w.base.data, w.scale.data];
  const pre = new Values(m.rows, n);
  const post = new Values(m.rows, n);
  const mix = new Values(m.rows, n * n);
  for (let row = 0; row < m.rows; row++) {
    const at = row * m.columns;
    for (let j = 0; j < n; j++) {
      pre.data[row * n + j] = sigmoid(m.data[at + j]! * scale[0]! + base[j]!) + o.eps;
      post.data[row * n + j] = 2 * sigmoid(m.data[at + n + j]! * scale[1]! + base[n + j]!);
    }
    const B = mix.data.subarray(row * n * n, (row + 1) * n * n);
    for (let i = 0; i < n * n; i++) B[i] = m.data[at + 2 * n + i]! * scale[2]! + base[2 * n + i]!;
    sinkhorn(B, n, o.iterations, o.eps);
  }
  return { pre, post, mix };
}

/** Softmax of each row + eps, columns normalised, then (iterations − 1) × rows and columns, in place. */
export function sinkhorn(B: Float64Array, n: number, iterations: number, eps: number): void {
  for (let j = 0; j < n; j++) {
    const row = B.subarray(j * n, (j + 1) * n);
    const max = Math.max(...row);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += row[k] = Math.exp(row[k]! - max);
    for (let k = 0; k < n; k++) row[k] = row[k]! / sum + eps;
  }
  normalise(B, n, eps, "columns");
  for (let i = 1; i < iterations; i++) {
    normalise(B, n, eps, "rows");
    normalise(B, n, eps, "columns");
  }
}

function normalise(B: Float64Array, n: number, eps: number, over: "rows" | "columns"): void {
  const [outer, inner] = over === "rows" ? [n, 1] : [1, n];
  for (let a = 0; a < n; a++) {
    let sum = eps;
    for (let b = 0; b < n; b++) sum += B[a * outer + b * inner]!;
    for (let b = 0; b < n; b++) B[a * outer + b * inner]! /= sum;
  }
}

/** Output head: sigmoid coefficients only, neither Sinkhorn nor the factor 2. */
export function headCoefficients(streams: Values, w: HyperWeightsLoaded, o: HyperOptions): Values {
  const m = project(streams, w.fn, o.normEps);
  for (let i = 0; i < m.data.length; i++) m.data[i] = sigmoid(m.data[i]! * w.scale.data[0]! + w.base.data[i % m.columns]!) + o.eps;
  return m;
}

export function collapse(streams: Values, pre: Values): Values {
  const n = pre.columns;
  const out = new Values(streams.rows, streams.columns / n);
  for (let row = 0; row < out.rows; row++)
    for (let j = 0; j < n; j++) {
      const a = pre.data[row * n + j]!;
      for (let i = 0; i < out.columns; i++) out.data[row * out.columns + i]! += a * streams.data[(row * n + j) * out.columns + i]!;
    }
  return out;
}

/** X'_k = post_k y + Σ_j mix_jk X_j. */
export function expand(streams: Values, y: Values, post: Values, mix: Values): Values {
  const n = post.columns;
  const D = y.columns;
  const out = new Values(streams.rows, streams.columns);
  for (let row = 0; row < out.rows; row++)
    for (let k = 0; k < n; k++) {
      const target = out.data.subarray((row * n + k) * D, (row * n + k + 1) * D);
      const c = post.data[row * n + k]!;
      for (let i = 0; i < D; i++) target[i] = c * y.data[row * D + i]!;
      for (let j = 0; j < n; j++) {
        const b = mix.data[(row * n + j) * n + k]!;
        for (let i = 0; i < D; i++) target[i]! += b * streams.data[(row * n + j) * D + i]!;
      }
    }
  return out;
}
