import { activation } from "./bf16";
import { exp } from "./exp";
import { storeLeft } from "./floats";

/** silu(min(gate, limit)) · clamp(up, ±limit), elements [begin, end). The gate has no lower clamp. */
export function swiglu(y: usize, gate: usize, up: usize, begin: i32, end: i32, limit: f32, bf16: bool): void {
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i * 4;
    storeLeft(y + at, activation(gated(v128.load(gate + at), v128.load(up + at), limit), bf16), end - i);
  }
}

/** swiglu, rounded if `bf16In`, times one routing weight. */
export function swigluWeighted(
  y: usize, gate: usize, up: usize, weight: f32, begin: i32, end: i32, limit: f32, bf16In: bool, bf16: bool,
): void {
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i * 4;
    const v = activation(gated(v128.load(gate + at), v128.load(up + at), limit), bf16In);
    storeLeft(y + at, activation(f32x4.mul(v, f32x4.splat(weight)), bf16), end - i);
  }
}

@inline
function gated(gate: v128, up: v128, limit: f32): v128 {
  // pmin and pmax keep their first operand if it is NaN.
  const g = f32x4.pmin(gate, f32x4.splat(limit));
  const u = f32x4.pmax(f32x4.pmin(up, f32x4.splat(limit)), f32x4.splat(-limit));
  // The sigmoid from e^-|g|, which cannot overflow: 1 / (1 + t), or t / (1 + t) where g < 0.
  const t = exp(f32x4.neg(f32x4.abs(g)));
  const one = f32x4.splat(1);
  const sigmoid = f32x4.div(v128.bitselect(t, one, f32x4.lt(g, f32x4.splat(0))), f32x4.add(one, t));
  return f32x4.mul(f32x4.mul(g, sigmoid), u);
}

/** a + b, elements [begin, end). */
export function add(y: usize, a: usize, b: usize, begin: i32, end: i32, bf16: bool): void {
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i * 4;
    storeLeft(y + at, activation(f32x4.add(v128.load(a + at), v128.load(b + at)), bf16), end - i);
  }
}

/** y += x, elements [begin, end), never rounded. */
export function accumulate(y: usize, x: usize, begin: i32, end: i32): void {
  add(y, y, x, begin, end, false);
}

/** factor · x, elements [begin, end). */
export function scale(y: usize, x: usize, factor: f32, begin: i32, end: i32, bf16: bool): void {
  for (let i = begin; i < end; i += 4) {
    const at = <usize>i * 4;
    storeLeft(y + at, activation(f32x4.mul(v128.load(x + at), f32x4.splat(factor)), bf16), end - i);
  }
}

/** Row n of x plus row (positions[n] mod period) of a table, for rows [begin, end); positions are int32. */
export function addByPhase(
  y: usize, x: usize, table: usize, positions: usize, begin: i32, end: i32, columns: i32, period: i32,
): void {
  const pitch = <usize>columns * 4;
  for (let n = begin; n < end; n++) {
    const phase = load<i32>(positions + n * 4) % period;
    add(y + n * pitch, x + n * pitch, table + phase * pitch, 0, columns, false);
  }
}
