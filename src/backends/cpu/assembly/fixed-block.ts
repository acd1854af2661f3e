/*
 * Inputs as fixed point: the columns of a block share a scale, the smallest power of two that leaves integers of at most `limit`. An error is
 * thus at most half the scale. Why a power of two, where largest / limit would waste no range: inputs that were rounded to FP8 before, all
 * but the smallest of them, then are such integers exactly, which makes a sum's error ten to fifteen times smaller.
 */

/** Floats c…c+3 of a block of `count`, zeros after the last; `full`: there are enough. */
@inline
export function four(x: usize, c: i32, count: i32, full: bool): v128 {
  if (full) return v128.load(x + 4 * c);
  return c < count ? v128.and(v128.load(x + 4 * c), i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count - c))) : i32x4.splat(0);
}

/** The even and the odd ones of eight floats. */
@inline
export function evens(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 2, 4, 6);
}
@inline
export function odds(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 1, 3, 5, 7);
}

/** The larger magnitude of each lane, as bits: floats without a sign are in the order of their bits, infinity and then NaN the last. */
@inline
export function magnitude(most: v128, v: v128): v128 {
  return i32x4.max_s(most, f32x4.abs(v));
}

/** The largest of four magnitudes. */
@inline
export function largest(most: v128): f32 {
  const pairs = i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 2, 3));
  return f32x4.extract_lane(i32x4.max_s(pairs, v128.shuffle<i32>(pairs, pairs, 1, 1, 1, 1)), 0);
}

/**
 * Scale of a block whose largest magnitude is among the four of `most`. Zeros have scale 0; a NaN or an infinity makes it NaN. Magnitudes
 * below 2^-100 count as zeros: the inverse of their scale would overflow.
 */
@inline
export function fixedScale(most: v128, limit: f32): f32 {
  const amax = largest(most);
  if (!(amax < Infinity)) return NaN;
  return amax < 2 ** -100 ? 0 : reinterpret<f32>((reinterpret<u32>(amax * (1 / limit)) + 0x7fffff) & 0x7f800000);
}

/** What turns values into integers of that scale; zeros stay zeros. */
@inline
export function inverseScale(scale: f32): v128 {
  return f32x4.splat(scale > 0 ? 1 / scale : 0);
}

/** Four and four products, below 2^15, as the nearest integers, ties to even: a float of 1.5 · 2^23 has no room for a fraction. */
@inline
export function integers(low: v128, high: v128, inverse: v128): v128 {
  const room = f32x4.splat(12582912);
  const l = i32x4.sub(f32x4.add(f32x4.mul(low, inverse), room), room), h = i32x4.sub(f32x4.add(f32x4.mul(high, inverse), room), room);
  return i16x8.narrow_i32x4_s(l, h);
}

/** The bytes below `mask` of sixteen int16. */
@inline
export function lowBytes(a: v128, b: v128, mask: i16): v128 {
  return i8x16.narrow_i16x8_u(v128.and(a, i16x8.splat(mask)), v128.and(b, i16x8.splat(mask)));
}
