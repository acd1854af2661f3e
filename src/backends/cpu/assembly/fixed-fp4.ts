import { activation } from "./bf16";
import { evens, fixedScale, four, integers, inverseScale, lowBytes, magnitude, odds } from "./fixed-block";
import { madd, sumEach } from "./floats";
import { atLeast, dot8, Four, kept, lookup, powerOfTwo, rowsInCache, storeTokens, Two } from "./lanes";

/** Columns that share a weight scale and an input scale. */
const BLOCK: i32 = 32;
/** A prepared block: 64 bytes of integers, at OFFSET what the weights' offset adds to the sums, at SCALE the scale. */
const DATA: i32 = 96;
const OFFSET: usize = 64;
const SCALE: usize = 80;
/** What a prepared row begins with: the value of every UE8M0 code. Loading one into all lanes is cheaper than computing it. */
const POWERS: i32 = 1024;
/** Largest prepared integer: 127 · 256 + 127, two signed bytes. */
const LIMIT: f32 = 32639;

/** Bytes of one row prepared by `prepareFixedFP4` or `prepareFixedINT8`, a multiple of 64. */
export function fixedBytes(columns: i32): i32 {
  return POWERS + ((columns + 63) / 64) * 2 * DATA;
}

/**
 * Rows of floats as 16-bit fixed point, for `matmulFP4Fixed`. Relaxed: per 32 columns the upper bytes of the even and of the odd ones, then
 * their lower bytes, as the nibbles fall apart. Plain: int16 of every fourth column, from 0, 2, 1, 3. An error is at most 2^-15 of the
 * largest magnitude among the 32; a value that was rounded to FP8 and is no smaller than 2^-11 of it has none.
 */
export function prepareFixedFP4(out: usize, outStride: usize, x: usize, xStride: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--, out += outStride, x += xStride) {
    storePowers(out);
    let to = out + POWERS, from = x, left = columns;
    for (; left >= BLOCK; left -= BLOCK, from += 4 * BLOCK, to += DATA) prepareBlock(to, from, BLOCK, true);
    if (left) prepareBlock(to, from, left, false);
  }
}

function storePowers(to: usize): void {
  for (let code = 0, bits = i32x4.shl(i32x4(0, 1, 2, 3), 23); code < 256; code += 4, bits = i32x4.add(bits, i32x4.splat(4 << 23)))
    v128.store(to + 4 * code, bits);
  f32.store(to, powerOfTwo(0));
  f32.store(to, powerOfTwo(255), 4 * 255);
}

@inline
function upperBytes(a: v128, b: v128): v128 {
  const half = i16x8.splat(128);
  return i8x16.narrow_i16x8_s(i16x8.shr_s(i16x8.add(a, half), 8), i16x8.shr_s(i16x8.add(b, half), 8));
}

@inline
function prepareBlock(to: usize, x: usize, count: i32, full: bool): void {
  const v0 = four(x, 0, count, full), v1 = four(x, 4, count, full), v2 = four(x, 8, count, full), v3 = four(x, 12, count, full);
  const v4 = four(x, 16, count, full), v5 = four(x, 20, count, full), v6 = four(x, 24, count, full), v7 = four(x, 28, count, full);
  const most = magnitude(magnitude(magnitude(f32x4.abs(v0), v1), v2), v3), more = magnitude(magnitude(magnitude(f32x4.abs(v4), v5), v6), v7);
  const scale = fixedScale(i32x4.max_s(most, more), LIMIT), inverse = inverseScale(scale);
  const e0 = evens(v0, v1), e1 = evens(v2, v3), e2 = evens(v4, v5), e3 = evens(v6, v7);
  const o0 = odds(v0, v1), o1 = odds(v2, v3), o2 = odds(v4, v5), o3 = odds(v6, v7);
  if (ASC_FEATURE_RELAXED_SIMD) {
    const a = integers(e0, e1, inverse), b = integers(e2, e3, inverse), c = integers(o0, o1, inverse), d = integers(o2, o3, inverse);
    v128.store(to, upperBytes(a, b));
    v128.store(to, upperBytes(c, d), 16);
    v128.store(to, lowBytes(a, b, 255), 32);
    v128.store(to, lowBytes(c, d, 255), 48);
    // Sums of eight columns each, first of pairs of even and of odd ones.
    const one = i16x8.splat(1);
    const low = i32x4.add(i32x4.dot_i16x8_s(a, one), i32x4.dot_i16x8_s(c, one)), high = i32x4.add(i32x4.dot_i16x8_s(b, one), i32x4.dot_i16x8_s(d, one));
    v128.store(to, i32x4.mul(i32x4.add(evens(low, high), odds(low, high)), i32x4.splat(-12)), OFFSET);
  } else {
    v128.store(to, integers(evens(e0, e1), evens(e2, e3), inverse));
    v128.store(to, integers(odds(e0, e1), odds(e2, e3), inverse), 16);
    v128.store(to, integers(evens(o0, o1), evens(o2, o3), inverse), 32);
    v128.store(to, integers(odds(o0, o1), odds(o2, o3), inverse), 48);
  }
  // Weights are counted in halves.
  f32.store(to, 0.5 * scale, SCALE);
}

/** Weights by nibble, in halves. Relaxed products need them unsigned: 12 more, which the offsets take back. */
@inline
function weightTable(): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16(12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0);
  return i8x16(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
}

@inline
function evenWeights(packed: v128, nibble: v128, table: v128): v128 {
  return lookup(table, v128.and(packed, nibble));
}
@inline
function oddWeights(packed: v128, nibble: v128, table: v128): v128 {
  return lookup(table, v128.and(i16x8.shr_u(packed, 4), nibble));
}

/** Σ 2w·q of a block as four floats of eight columns each, exact: a lane's sum is below 2^23. */
@inline
function sum32(even: v128, odd: v128, data: usize): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const upper = dot8(v128.load(data, 16), odd, dot8(v128.load(data), even, i32x4.splat(0)));
    const lower = dot8(v128.load(data, 48), odd, dot8(v128.load(data, 32), even, v128.load(data, OFFSET)));
    return f32x4.convert_i32x4_s(i32x4.add(i32x4.shl(upper, 8), lower));
  }
  const a = i32x4.dot_i16x8_s(i16x8.shr_s(i16x8.shl(even, 8), 8), v128.load(data)), b = i32x4.dot_i16x8_s(i16x8.shr_s(even, 8), v128.load(data, 16));
  const c = i32x4.dot_i16x8_s(i16x8.shr_s(i16x8.shl(odd, 8), 8), v128.load(data, 32)), d = i32x4.dot_i16x8_s(i16x8.shr_s(odd, 8), v128.load(data, 48));
  return f32x4.convert_i32x4_s(i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
}

/** r + a block's sum times its scales. As these are powers of two, both variants of `madd` agree to the bit. `scale`: of the weights, a code. */
@inline
function add32(r: v128, even: v128, odd: v128, data: usize, powers: usize, scale: usize): v128 {
  const factor = f32x4.mul(v128.load32_splat(data, SCALE), v128.load32_splat(powers + 4 * <usize>load<u8>(scale)));
  return madd(sum32(even, odd, data), factor, r);
}

/** y = W x for packed FP4 weights with a UE8M0 scale per row and 32 columns, x from `prepareFixedFP4`. Sums inside a block are exact integers. */
export function matmulFP4Fixed(
  y: usize, yStride: usize, prepared: usize, preparedStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32,
  bf16: bool,
): void {
  if (tokens == 1) return oneToken(y, prepared, w, scale, columns, begin, end, bf16);
  for (let o = begin, chunk = rowsInCache((columns + 1) >> 1); o < end; o += chunk) {
    const stop = min(o + chunk, end);
    let to = y, from = prepared;
    for (let left = tokens; left > 0; left -= 4, to += 4 * yStride, from += 4 * preparedStride) {
      if (left > 2) tile<Four>(to, yStride, from, preparedStride, min(left, 4), w, scale, columns, o, stop, bf16);
      else tile<Two>(to, yStride, from, preparedStride, left, w, scale, columns, o, stop, bf16);
    }
  }
}

/** Three rows at once, from the thirds of the share: see `rows` in matmul-float.ts. A fourth would not fit the registers. */
function oneToken(y: usize, prepared: usize, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool): void {
  const nibble = kept(i8x16.splat(15), columns), table = kept(weightTable(), columns);
  const blocks = (columns + BLOCK - 1) / BLOCK, pitch = (columns + 1) >> 1;
  const third = (end - begin + 2) / 3;
  for (let o0 = begin; o0 < begin + third; o0++) {
    const o1 = min(o0 + third, end - 1), o2 = min(o1 + third, end - 1);
    let w0 = w + o0 * pitch, w1 = w + o1 * pitch, w2 = w + o2 * pitch;
    let s0 = scale + o0 * blocks, s1 = scale + o1 * blocks, s2 = scale + o2 * blocks;
    let data = prepared + POWERS;
    let r0 = f32x4.splat(0), r1 = r0, r2 = r0;
    for (let b = blocks; b; b--) {
      const p0 = v128.load(w0), p1 = v128.load(w1), p2 = v128.load(w2);
      r0 = add32(r0, evenWeights(p0, nibble, table), oddWeights(p0, nibble, table), data, prepared, s0);
      r1 = add32(r1, evenWeights(p1, nibble, table), oddWeights(p1, nibble, table), data, prepared, s1);
      r2 = add32(r2, evenWeights(p2, nibble, table), oddWeights(p2, nibble, table), data, prepared, s2);
      w0 += 16, w1 += 16, w2 += 16, s0++, s1++, s2++, data += DATA;
    }
    const sum = activation(sumEach(r0, r1, r2, r2), bf16);
    v128.store32_lane(y + 4 * o0, sum, 0);
    v128.store32_lane(y + 4 * o1, sum, 1);
    v128.store32_lane(y + 4 * o2, sum, 2);
  }
}

/** Row after row for at most N tokens. Those missing repeat the last. */
function tile<N>(
  y: usize, yStride: usize, prepared: usize, preparedStride: usize, tokens: i32, w: usize, scale: usize, columns: i32,
  begin: i32, end: i32, bf16: bool,
): void {
  const nibble = kept(i8x16.splat(15), columns), table = kept(weightTable(), columns);
  const blocks = (columns + BLOCK - 1) / BLOCK, pitch = (columns + 1) >> 1;
  const last = tokens - 1, second = min(1, last) * preparedStride, third = min(2, last) * preparedStride, fourth = last * preparedStride;
  for (let o = begin; o < end; o++) {
    let at = w + o * pitch, s = scale + o * blocks;
    let d0 = prepared + POWERS, d1 = d0 + second, d2 = d0 + third, d3 = d0 + fourth;
    let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0;
    for (let b = blocks; b; b--) {
      const packed = v128.load(at), even = evenWeights(packed, nibble, table), odd = oddWeights(packed, nibble, table);
      r0 = add32(r0, even, odd, d0, prepared, s);
      r1 = add32(r1, even, odd, d1, prepared, s);
      if (atLeast<N>(4)) {
        r2 = add32(r2, even, odd, d2, prepared, s);
        r3 = add32(r3, even, odd, d3, prepared, s);
        d2 += DATA, d3 += DATA;
      }
      at += 16, s++, d0 += DATA, d1 += DATA;
    }
    storeTokens(y + 4 * o, yStride, last, activation(sumEach(r0, r1, r2, r3), bf16));
  }
}
