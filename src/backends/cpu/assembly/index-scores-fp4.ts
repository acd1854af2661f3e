import { storeScores, term } from "./index-scores";
import { largestMagnitude, loadLeft, madd, sumHalves } from "./floats";

/**
 * The lightning indexer's scores on integers: twice an FP4 number is an integer from −12 to 12 times half its block's scale, so a dot
 * product over a block of 32 is an exact integer times two powers of two. One operand of the byte products must not be negative: keys
 * carry + 12, and what that adds is known from the query alone.
 *
 * A packed key of `width` numbers (a multiple of 32) is `width` bytes, its integers plus 12, and width / 32 float32, its half scales.
 * A packed query is its heads by fours, and in each four, for each block: −12 times each head's sum (4 int32), the four half scales, and
 * for each four columns those of each head (16 signed bytes). Missing heads are zeros. A NaN block has scale NaN.
 */
const BLOCK = 32;
/** Bytes of one block of four heads. */
const FOUR = 32 + 4 * BLOCK;

/** Bytes of one packed key. */
export function packedFP4Bytes(width: i32): i32 {
  return width + width / (BLOCK / 4);
}

/** Bytes of one packed query. */
export function packedFP4QueryBytes(heads: i32, width: i32): i32 {
  return ((heads + 3) >> 2) * (width / BLOCK) * FOUR;
}

/** Packs keys [begin, end), which must have gone through roundFP4 with blocks of 32: the scale found here may differ, the numbers do not. */
export function packFP4Rows(out: usize, x: usize, begin: i32, end: i32, width: i32): void {
  for (let n = begin; n < end; n++) {
    const from = x + <usize>n * width * 4;
    const to = out + <usize>n * packedFP4Bytes(width);
    for (let c = 0; c < width; c += BLOCK) {
      const field = scaleField(from + c * 4);
      for (let i = 0; i < BLOCK; i += 4)
        v128.store32_lane(to + c + i, i8x16.add(integers(from + (c + i) * 4, field), i8x16.splat(12)), 0);
      f32.store(to + width + c / 8, halfScale(field));
    }
  }
}

/** Packs the `heads` parts of queries [begin, end), each of `width` numbers, likewise. */
export function packFP4Queries(out: usize, x: usize, begin: i32, end: i32, heads: i32, width: i32): void {
  memory.fill(out + begin * packedFP4QueryBytes(heads, width), 0, (end - begin) * packedFP4QueryBytes(heads, width));
  for (let n = begin; n < end; n++)
    for (let h = 0; h < heads; h++) {
      const from = x + (<usize>n * heads + h) * width * 4;
      let to = out + <usize>n * packedFP4QueryBytes(heads, width) + <usize>(h >> 2) * (width / BLOCK) * FOUR + (h & 3) * 4;
      for (let c = 0; c < width; c += BLOCK, to += FOUR) {
        const field = scaleField(from + c * 4);
        let sum = i32x4.splat(0);
        for (let i = 0; i < BLOCK; i += 4) {
          const v = integers(from + (c + i) * 4, field);
          v128.store32_lane(to + 32 + i * 4, v, 0);
          sum = dot(v, i8x16.splat(12), sum);
        }
        store<i32>(to, -i32x4.extract_lane(sum, 0));
        f32.store(to + 16, halfScale(field));
      }
    }
}

/** Exponent field of a block's scale, rule `ceil`; 255 if the block is not finite. */
function scaleField(from: usize): u32 {
  const amax = largestMagnitude(from, BLOCK, <f32>(6 * 1.1754943508222875e-38));
  return amax < Infinity ? (reinterpret<u32>(amax * <f32>(1.0 / 6)) + 0x7fffff) >> 23 : 255;
}

@inline
function halfScale(field: u32): f32 {
  return field < 255 ? reinterpret<f32>(field << 23) * 0.5 : NaN;
}

/** Four numbers over their half scale, as the first four bytes. */
@inline
function integers(from: usize, field: u32): v128 {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.mul(v128.load(from), f32x4.splat(reinterpret<f32>((255 - field) << 23))));
  const short = i16x8.narrow_i32x4_s(whole, whole);
  return i8x16.narrow_i16x8_s(short, short);
}

/**
 * `indexScores` of one packed query and packed keys, equal but for the order in which a dot product's blocks are added. Eight heads by
 * four entries at a time; the last four heads or entry stand in for what is missing, with weight 0 or unused.
 */
export function indexScoresFP4(
  out: usize, q: usize, weights: usize, keys: usize, begin: i32, end: i32, heads: i32, width: i32, bf16: bool,
): void {
  const pitch = <usize>packedFP4Bytes(width);
  const four = <usize>(width / BLOCK) * FOUR;
  const fours = (heads + 3) >> 2;
  for (let w = begin; w < end; w += 4) {
    const k0 = keys + w * pitch;
    const k1 = keys + min(w + 1, end - 1) * pitch;
    const k2 = keys + min(w + 2, end - 1) * pitch;
    const k3 = keys + min(w + 3, end - 1) * pitch;
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let g = 0; g < fours; g += 2) {
      let a = q + g * four;
      let b = q + min(g + 1, fours - 1) * four;
      let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      for (let c: usize = 0; c < <usize>width; c += BLOCK, a += FOUR, b += FOUR) {
        let m0 = v128.load(a), m1 = m0, m2 = m0, m3 = m0, n0 = v128.load(b), n1 = n0, n2 = n0, n3 = n0;
        for (let i: usize = 0; i < <usize>BLOCK; i += 4) {
          const va = v128.load(a + i * 4, 32);
          const vb = v128.load(b + i * 4, 32);
          let k = v128.load32_splat(k0 + c + i);
          m0 = dot(va, k, m0);
          n0 = dot(vb, k, n0);
          k = v128.load32_splat(k1 + c + i);
          m1 = dot(va, k, m1);
          n1 = dot(vb, k, n1);
          k = v128.load32_splat(k2 + c + i);
          m2 = dot(va, k, m2);
          n2 = dot(vb, k, n2);
          k = v128.load32_splat(k3 + c + i);
          m3 = dot(va, k, m3);
          n3 = dot(vb, k, n3);
        }
        const scale = <usize>width + (c >> 3);
        const sa = v128.load(a, 16);
        const sb = v128.load(b, 16);
        let k = v128.load32_splat(k0 + scale);
        a0 = madd(f32x4.convert_i32x4_s(m0), f32x4.mul(sa, k), a0);
        b0 = madd(f32x4.convert_i32x4_s(n0), f32x4.mul(sb, k), b0);
        k = v128.load32_splat(k1 + scale);
        a1 = madd(f32x4.convert_i32x4_s(m1), f32x4.mul(sa, k), a1);
        b1 = madd(f32x4.convert_i32x4_s(n1), f32x4.mul(sb, k), b1);
        k = v128.load32_splat(k2 + scale);
        a2 = madd(f32x4.convert_i32x4_s(m2), f32x4.mul(sa, k), a2);
        b2 = madd(f32x4.convert_i32x4_s(n2), f32x4.mul(sb, k), b2);
        k = v128.load32_splat(k3 + scale);
        a3 = madd(f32x4.convert_i32x4_s(m3), f32x4.mul(sa, k), a3);
        b3 = madd(f32x4.convert_i32x4_s(n3), f32x4.mul(sb, k), b3);
      }
      const wa = loadLeft(weights + g * 16, heads - g * 4);
      const wb = loadLeft(weights + g * 16 + 16, heads - g * 4 - 4);
      s0 = f64x2.add(s0, f64x2.add(sumHalves(term(a0, wa, bf16)), sumHalves(term(b0, wb, bf16))));
      s1 = f64x2.add(s1, f64x2.add(sumHalves(term(a1, wa, bf16)), sumHalves(term(b1, wb, bf16))));
      s2 = f64x2.add(s2, f64x2.add(sumHalves(term(a2, wa, bf16)), sumHalves(term(b2, wb, bf16))));
      s3 = f64x2.add(s3, f64x2.add(sumHalves(term(a3, wa, bf16)), sumHalves(term(b3, wb, bf16))));
    }
    storeScores(out + w * 4, sumPairs(s0, s1), sumPairs(s2, s3), end - w, bf16);
  }
}

/** The two sums of two doubles each. */
@inline
function sumPairs(a: v128, b: v128): v128 {
  return f64x2.add(v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3));
}

/** Adds to lane i of `sum` the products of bytes 4i … 4i + 3 of `a` and `b`; `b` is four bytes of 0 … 127, repeated. */
@inline
function dot(a: v128, b: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, sum);
  const wide = i16x8.extend_low_i8x16_s(b);
  const even = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), wide);
  const odd = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), wide);
  return i32x4.add(sum, i32x4.add(v128.shuffle<i32>(even, odd, 0, 2, 4, 6), v128.shuffle<i32>(even, odd, 1, 3, 5, 7)));
}
