import type { HyperCoefficients, HyperOptions, Weight } from "../../ops/index.ts";
import { CpuTensor } from "./handles.ts";
import { plainProduct } from "./linear.ts";
import { bit, floatBits, type Recorder } from "./recorder.ts";
import { Value } from "./value.ts";
import type { CpuWeight } from "./weights.ts";

export interface HyperSources {
  readonly fn: Weight;
  readonly base: Weight;
  readonly scale: Weight;
}

/** fn · v, and the sum of v's squares that it will be divided by. */
function project(r: Recorder, streams: CpuTensor, fn: Weight): [m: Value, squares: Value] {
  const m = plainProduct(r, streams, fn as CpuWeight).value;
  return [m, r.map("squares", streams.rows, 1, [streams.value], [streams.rows, streams.columns]).value];
}

export function hyperCoefficients(r: Recorder, x: CpuTensor, { fn, base, scale }: HyperSources, o: HyperOptions): HyperCoefficients {
  const n = o.streams;
  const [pre, post, mix] = [new CpuTensor(x.rows, n), new CpuTensor(x.rows, n), new CpuTensor(x.rows, n * n)];
  // n² float64 for each thread.
  const scratchBytes = 8 * n * n;
  const scratch = new Value(scratchBytes * r.threads);
  const weights = [(base as CpuWeight).data, (scale as CpuWeight).data];
  const scalars = [x.rows, ...weights, n, x.columns, o.iterations, floatBits(o.eps), floatBits(o.normEps), scratchBytes];
  r.do("hyper", x.rows, [pre.value, post.value, mix.value, scratch], project(r, x, fn), scalars);
  return { pre, post, mix };
}

export function headCoefficients(r: Recorder, x: CpuTensor, { fn, base, scale }: HyperSources, o: HyperOptions): CpuTensor {
  const weights = [(base as CpuWeight).data, (scale as CpuWeight).data];
  const scalars = [x.rows, ...weights, o.streams, x.columns, floatBits(o.eps), floatBits(o.normEps)];
  return r.map("head", x.rows, o.streams, project(r, x, fn), scalars);
}

export function collapse(r: Recorder, streams: CpuTensor, pre: CpuTensor): CpuTensor {
  const width = streams.columns / pre.columns;
  return r.map("collapse", streams.rows, width, [streams.value, pre.value], [streams.rows, pre.columns, width, bit(r.profile.activations)]);
}

export function expand(r: Recorder, streams: CpuTensor, y: CpuTensor, post: CpuTensor, mix: CpuTensor): CpuTensor {
  const scalars = [streams.rows, post.columns, y.columns, bit(r.profile.activations)];
  return r.map("expand", streams.rows, streams.columns, [streams.value, y.value, post.value, mix.value], scalars);
}
