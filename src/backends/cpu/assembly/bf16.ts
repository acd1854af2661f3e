/** Rounds four floats to BF16, to nearest even; every NaN becomes the quiet one. */
@inline
export function roundBF16(v: v128): v128 {
  const even = v128.and(i32x4.shr_u(v, 16), i32x4.splat(1));
  const rounded = v128.and(i32x4.add(i32x4.add(v, i32x4.splat(0x7fff)), even), i32x4.splat(0xffff0000));
  return v128.bitselect(rounded, i32x4.splat(0x7fc00000), f32x4.eq(v, v));
}

/** The same where `bf16` says so. */
@inline
export function activation(v: v128, bf16: bool): v128 {
  return bf16 ? roundBF16(v) : v;
}

/** A double rounded to BF16 once: a float32 that lands half-way without having been there is sent to the right side. */
export function roundBF16Scalar(x: f64): f64 {
  const single = <f32>x;
  const bits = reinterpret<u32>(single);
  if (x != x) return x;
  if ((bits & 0xffff) == 0x8000 && <f64>single != x) return reinterpret<f32>(abs(x) > abs(<f64>single) ? bits + 0x8000 : bits - 0x8000);
  return reinterpret<f32>((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
}
