import { activation } from "./bf16";
import { evens, fixedScale, four, integers, inverseScale, lowBytes, magnitude, odds } from "./fixed-block";
import { sumEach } from "./floats";
import { atLeast, dot8, Four, kept, rowsInCache, storeTokens, Two } from "./lanes";

/** Columns that share an input scale. */
const BLOCK: i32 = 64;
/** A prepared block: 128 bytes of integers, then its scale. */
const DATA: i32 = 144;
const SCALE: usize = 128;
/** Largest prepared integer: with 2^13 added, two unsigned halves of 7 bits. */
const LIMIT: f32 = 8191;

/**
 * Rows of floats as 14-bit fixed point, for `matmulINT8Fixed`. Relaxed: per 64 columns the upper, then the lower seven bits of q + 2^13.
 * Plain: q as int16, of each 16 columns first the even, then the odd ones, as the weights' bytes fall apart. An error is at most 2^-13 of
 * the largest magnitude among the 64.
 */
export function prepareFixedINT8(out: usize, outStride: usize, x: usize, xStride: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--, out += outStride, x += xStride) {
    let to = out, from = x, left = columns;
    for (; left >= BLOCK; left -= BLOCK, from += 4 * BLOCK, to += DATA) prepareBlock(to, from, BLOCK, true);
    if (left) prepareBlock(to, from, left, false);
  }
}

@inline
function prepareBlock(to: usize, x: usize, count: i32, full: bool): void {
  let most = f32x4.splat(0);
  for (let c = 0; c < BLOCK; c += 16)
    most = magnitude(
      magnitude(magnitude(magnitude(most, four(x, c, count, full)), four(x, c + 4, count, full)), four(x, c + 8, count, full)),
      four(x, c + 12, count, full),
    );
  const scale = fixedScale(most, LIMIT), inverse = inverseScale(scale);
  for (let c = 0; c < BLOCK; c += 16) {
    const v0 = four(x, c, count, full), v1 = four(x, c + 4, count, full), v2 = four(x, c + 8, count, full), v3 = four(x, c + 12, count, full);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const a = i16x8.add(integers(v0, v1, inverse), i16x8.splat(8192)), b = i16x8.add(integers(v2, v3, inverse), i16x8.splat(8192));
      v128.store(to + c, i8x16.narrow_i16x8_u(i16x8.shr_u(a, 7), i16x8.shr_u(b, 7)));
      v128.store(to + c, lowBytes(a, b, 127), 64);
    } else {
      v128.store(to + 2 * c, integers(evens(v0, v1), evens(v2, v3), inverse));
      v128.store(to + 2 * c, integers(odds(v0, v1), odds(v2, v3), inverse), 16);
    }
  }
  f32.store(to, scale, SCALE);
}

/** Σ w·q of sixteen columns at place k of a block, added to `sum`, in four lanes of four columns each. Plain only. */
@inline
function add16(sum: v128, w: v128, data: usize): v128 {
  const even = i32x4.dot_i16x8_s(i16x8.shr_s(i16x8.shl(w, 8), 8), v128.load(data));
  return i32x4.add(sum, i32x4.add(even, i32x4.dot_i16x8_s(i16x8.shr_s(w, 8), v128.load(data, 16))));
}

/** 64 Σ w: what the 2^13 adds to the sums of upper halves. `half`: splat(64). Relaxed only. */
@inline
function excess(w0: v128, w1: v128, w2: v128, w3: v128, half: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return dot8(w3, half, dot8(w2, half, dot8(w1, half, dot8(w0, half, i32x4.splat(0)))));
  return half;
}

/** Σ w·q of a block as four floats, exact: a lane's sum of 16 products is below 2^24. */
@inline
function sum64(w0: v128, w1: v128, w2: v128, w3: v128, data: usize, excess: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    // Two short chains of sums, where one long chain would save an addition: it would keep the processor waiting.
    const zero = i32x4.splat(0);
    const upper = dot8(w3, v128.load(data, 48), dot8(w2, v128.load(data, 32), dot8(w1, v128.load(data, 16), dot8(w0, v128.load(data), zero))));
    const lower = dot8(w3, v128.load(data, 112), dot8(w2, v128.load(data, 96), dot8(w1, v128.load(data, 80), dot8(w0, v128.load(data, 64), zero))));
    return f32x4.convert_i32x4_s(i32x4.add(i32x4.shl(i32x4.sub(upper, excess), 7), lower));
  }
  return f32x4.convert_i32x4_s(add16(add16(add16(add16(i32x4.splat(0), w0, data), w1, data + 32), w2, data + 64), w3, data + 96));
}

/** r + sum · scales, rounded after each step, so that both variants agree to the bit. */
@inline
function scaled(r: v128, sum: v128, inputScale: v128, weightScale: v128): v128 {
  return f32x4.add(r, f32x4.mul(sum, f32x4.mul(inputScale, weightScale)));
}

/** r + a block's sum times its scales. */
@inline
function add64(r: v128, w: usize, scale: usize, data: usize, half: v128): v128 {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
  const sum = sum64(w0, w1, w2, w3, data, excess(w0, w1, w2, w3, half));
  return scaled(r, sum, v128.load32_splat(data, SCALE), v128.load32_splat(scale));
}

/** The same of a block whose second half has the next weight scale, if the row goes on that far. */
function addHalves(r: v128, w: usize, scale: usize, data: usize, second: bool): v128 {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
  const none = i32x4.splat(0), half = i8x16.splat(64), inputScale = v128.load32_splat(data, SCALE);
  r = scaled(r, sum64(w0, w1, none, none, data, excess(w0, w1, none, none, half)), inputScale, v128.load32_splat(scale));
  if (!second) return r;
  return scaled(r, sum64(none, none, w2, w3, data, excess(none, none, w2, w3, half)), inputScale, v128.load32_splat(scale, 4));
}

/**
 * y = W x for INT8 weights with a float32 scale per row and `blockColumns` columns (a multiple of 32, or the whole row), x from
 * `prepareFixedINT8`. Sums inside a block of 64 columns are exact integers.
 */
export function matmulINT8Fixed(
  y: usize, yStride: usize, prepared: usize, preparedStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32,
  bf16: bool, blockColumns: i32,
): void {
  // One scale for the whole row is a block that never ends.
  const period = blockColumns < columns ? blockColumns : i32.MAX_VALUE;
  const across = <u32>(columns + blockColumns - 1) / <u32>blockColumns;
  if (tokens == 1) return oneToken(y, prepared, w, scale, across, columns, begin, end, bf16, period);
  for (let o = begin, chunk = rowsInCache(columns); o < end; o += chunk) {
    const stop = min(o + chunk, end);
    let to = y, from = prepared;
    for (let left = tokens; left > 0; left -= 4, to += 4 * yStride, from += 4 * preparedStride) {
      if (left > 2) tile<Four>(to, yStride, from, preparedStride, min(left, 4), w, scale, across, columns, o, stop, bf16, period);
      else tile<Two>(to, yStride, from, preparedStride, left, w, scale, across, columns, o, stop, bf16, period);
    }
  }
}

/** Four rows at once, from the quarters of the share: see `rows` in matmul-float.ts. */
function oneToken(
  y: usize, prepared: usize, w: usize, scale: usize, across: i32, columns: i32, begin: i32, end: i32, bf16: bool, period: i32,
): void {
  const half = kept(i8x16.splat(64), columns);
  const quarter = (end - begin + 3) >> 2;
  for (let o0 = begin; o0 < begin + quarter; o0++) {
    const o1 = min(o0 + quarter, end - 1), o2 = min(o1 + quarter, end - 1), o3 = min(o2 + quarter, end - 1);
    let w0 = w + o0 * columns, w1 = w + o1 * columns, w2 = w + o2 * columns, w3 = w + o3 * columns;
    let s0 = scale + 4 * o0 * across, s1 = scale + 4 * o1 * across, s2 = scale + 4 * o2 * across, s3 = scale + 4 * o3 * across;
    let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0;
    for (let c = 0, data = prepared, left = period; c < columns; c += BLOCK, data += DATA) {
      if (left >= BLOCK) {
        r0 = add64(r0, w0, s0, data, half), r1 = add64(r1, w1, s1, data, half);
        r2 = add64(r2, w2, s2, data, half), r3 = add64(r3, w3, s3, data, half);
      } else {
        const second = c + 32 < columns;
        r0 = addHalves(r0, w0, s0, data, second), r1 = addHalves(r1, w1, s1, data, second);
        r2 = addHalves(r2, w2, s2, data, second), r3 = addHalves(r3, w3, s3, data, second);
      }
      w0 += BLOCK, w1 += BLOCK, w2 += BLOCK, w3 += BLOCK;
      for (left -= BLOCK; left <= 0; left += period) s0 += 4, s1 += 4, s2 += 4, s3 += 4;
    }
    const sum = activation(sumEach(r0, r1, r2, r3), bf16);
    v128.store32_lane(y + 4 * o0, sum, 0);
    v128.store32_lane(y + 4 * o1, sum, 1);
    v128.store32_lane(y + 4 * o2, sum, 2);
    v128.store32_lane(y + 4 * o3, sum, 3);
  }
}

/** Row after row for at most N tokens. Those missing repeat the last. */
function tile<N>(
  y: usize, yStride: usize, prepared: usize, preparedStride: usize, tokens: i32, w: usize, scale: usize, across: i32, columns: i32,
  begin: i32, end: i32, bf16: bool, period: i32,
): void {
  const half = kept(i8x16.splat(64), columns);
  const last = tokens - 1, second = min(1, last) * preparedStride, third = min(2, last) * preparedStride, fourth = last * preparedStride;
  for (let o = begin; o < end; o++) {
    let at = w + o * columns, s = scale + 4 * o * across;
    let d0 = prepared, d1 = prepared + second, d2 = prepared + third, d3 = prepared + fourth;
    let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0;
    for (let c = 0, left = period; c < columns; c += BLOCK) {
      if (left >= BLOCK) {
        const w0 = v128.load(at), w1 = v128.load(at, 16), w2 = v128.load(at, 32), w3 = v128.load(at, 48);
        const more = excess(w0, w1, w2, w3, half), factor = v128.load32_splat(s);
        r0 = scaled(r0, sum64(w0, w1, w2, w3, d0, more), v128.load32_splat(d0, SCALE), factor);
        r1 = scaled(r1, sum64(w0, w1, w2, w3, d1, more), v128.load32_splat(d1, SCALE), factor);
        if (atLeast<N>(4)) {
          r2 = scaled(r2, sum64(w0, w1, w2, w3, d2, more), v128.load32_splat(d2, SCALE), factor);
          r3 = scaled(r3, sum64(w0, w1, w2, w3, d3, more), v128.load32_splat(d3, SCALE), factor);
        }
      } else {
        const on = c + 32 < columns;
        r0 = addHalves(r0, at, s, d0, on), r1 = addHalves(r1, at, s, d1, on);
        if (atLeast<N>(4)) r2 = addHalves(r2, at, s, d2, on), r3 = addHalves(r3, at, s, d3, on);
      }
      at += BLOCK, d0 += DATA, d1 += DATA;
      if (atLeast<N>(4)) d2 += DATA, d3 += DATA;
      for (left -= BLOCK; left <= 0; left += period) s += 4;
    }
    storeTokens(y + 4 * o, yStride, last, activation(sumEach(r0, r1, r2, r3), bf16));
  }
}
