/**
 * Inputs as fixed point: a block of columns shares one float32 scale, each value becomes an integer of at most `limit`.
 *
 * A power of two as the scale loses nothing that lies in its range, such as inputs that were rounded to FP8 before; largest / limit wastes
 * no range. Of the two the one is taken that loses less in the sum of squares. An error is thus at most 2^-1 / limit of the block's largest
 * magnitude, or, for single values among others that are exact, twice that.
 */

/** Columns c…c+3 of `count`, zeros after the last. */
@inline
function four(x: usize, c: i32, count: i32): v128 {
  const v = v128.load(x + 4 * c);
  return c + 4 <= count ? v : v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count - c)));
}

@inline
function sum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** Σ (x / scale - nearest integer)² over the block, in units of scale². */
function loss(x: usize, count: i32, inverse: f32): f32 {
  let squares = f32x4.splat(0);
  for (let c = 0; c < count; c += 4) {
    const v = f32x4.mul(four(x, c, count), f32x4.splat(inverse));
    const d = f32x4.sub(v, f32x4.nearest(v));
    squares = f32x4.add(squares, f32x4.mul(d, d));
  }
  return sum(squares);
}

/**
 * Writes `width` (a multiple of 8) int16 for the `count` floats at x and returns their scale. A block of zeros has scale 0; one with a NaN or
 * an infinity has scale NaN and zeros. Magnitudes below 2^-100 count as zero: their scale's inverse would overflow.
 */
export function fixedBlock(out: usize, x: usize, count: i32, width: i32, limit: f32): f32 {
  let most = f32x4.splat(0);
  for (let c = 0; c < count; c += 4) most = f32x4.max(most, f32x4.abs(four(x, c, count)));
  const largest = max(max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)), max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
  if (!(largest >= 2 ** -100 && largest < Infinity)) {
    memory.fill(out, 0, 2 * width);
    return largest < 1 ? 0 : NaN;
  }
  let scale: f32 = largest / limit;
  const bits = reinterpret<u32>(scale);
  const power = reinterpret<f32>((bits + 0x7fffff) & 0xff800000);
  const gain = power / scale;
  if (loss(x, count, 1 / power) * gain * gain <= loss(x, count, 1 / scale)) scale = power;
  const inverse = f32x4.splat(1 / scale);
  const lowest = f32x4.splat(-limit), highest = f32x4.splat(limit);
  for (let c = 0; c < width; c += 8) {
    const a = f32x4.nearest(f32x4.mul(c < count ? four(x, c, count) : f32x4.splat(0), inverse));
    const b = f32x4.nearest(f32x4.mul(c + 4 < count ? four(x, c + 4, count) : f32x4.splat(0), inverse));
    const low = i32x4.trunc_sat_f32x4_s(f32x4.max(f32x4.min(a, highest), lowest));
    const high = i32x4.trunc_sat_f32x4_s(f32x4.max(f32x4.min(b, highest), lowest));
    v128.store(out + 2 * c, i16x8.narrow_i32x4_s(low, high));
  }
  return scale;
}

/** The even and the odd ones of sixteen int16. */
@inline
export function evens(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}
@inline
export function odds(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}
/** The low bytes of sixteen int16. */
@inline
export function lowBytes(a: v128, b: v128): v128 {
  return v128.shuffle<i8>(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
