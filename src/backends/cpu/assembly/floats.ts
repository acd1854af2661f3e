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
  // A load in each arm keeps this a branch, which is foreseen, rather than a choice between two results, both computed.
  return left >= 4 ? v128.load(from) : v128.and(v128.load(from), i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left)));
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

/** The largest of `count` magnitudes and `floor`, in the order of their bits: infinity comes after every number and NaN after that. */
@inline
export function largestMagnitude(from: usize, count: i32, floor: f32): f32 {
  let m = f32x4.splat(floor);
  for (let left = count; left > 0; left -= 4, from += 16) m = i32x4.max_s(m, f32x4.abs(loadLeft(from, left)));
  m = i32x4.max_s(m, v128.shuffle<i32>(m, m, 2, 3, 0, 1));
  m = i32x4.max_s(m, v128.shuffle<i32>(m, m, 1, 0, 3, 2));
  return f32x4.extract_lane(m, 0);
}
