/** Stores four floats, or only the `left` that still belong to the share. */
@inline
export function storeLeft(to: usize, v: v128, left: i32): void {
  if (left >= 4) v128.store(to, v);
  else storePart(to, v, left);
}

function storePart(to: usize, v: v128, left: i32): void {
  if (left & 2) {
    v128.store64_lane(to, v, 0);
    v = i64x2.shuffle(v, v, 1, 1);
    to += 8;
  }
  if (left & 1) v128.store32_lane(to, v, 0);
}

/** Four floats, those from the `left`th on replaced by zeros. */
@inline
export function loadLeft(from: usize, left: i32): v128 {
  const v = v128.load(from);
  return left >= 4 ? v : v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left)));
}

/** a · b + c, fused where the engine can. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** The sums of four vectors' lanes, side by side. */
@inline
export function sumEach(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/** The lower and the upper two of four floats as doubles. */
@inline
export function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}
@inline
export function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 1));
}
@inline
export function sumPair(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}
/** Lanes 0 and 2, 1 and 3, added as doubles. */
@inline
export function sumHalves(v: v128): v128 {
  return f64x2.add(low(v), high(v));
}
