import { activation } from "./bf16";
import { evens, fixedBlock, lowBytes, odds } from "./fixed-block";
import { storeLeft, sumEach } from "./floats";
import { lookup, powerOfTwo, sumEachInteger } from "./lanes";

/** Columns that share a weight scale and an input scale. */
const BLOCK: i32 = 32;
/** Bytes of a prepared block; after the last one come the offsets, 16 bytes a block, then the scales. */
const DATA: usize = 64;
const OFFSET: usize = 16;
/** Largest prepared integer: 127 · 256 + 127, two signed bytes. */
const LIMIT: f32 = 32639;

/** Bytes of one row prepared by `prepareFixedFP4` or `prepareFixedINT8`, a multiple of 64. */
export function fixedBytes(columns: i32): i32 {
  return ((columns + 63) / 64 * 2 * <i32>(DATA + OFFSET + 4) + 63) & ~63;
}

/**
 * Rows of floats as 16-bit fixed point, for `matmulFP4Fixed`. Relaxed: per 32 columns the upper bytes of the even and of the odd ones, then
 * their lower bytes, as the nibbles fall apart. Plain: int16 of every fourth column, in the order 0, 2, 1, 3.
 */
export function prepareFixedFP4(out: usize, outStride: usize, x: usize, xStride: usize, rows: i32, columns: i32): void {
  const blocks = (columns + BLOCK - 1) / BLOCK;
  for (let n = 0; n < rows; n++) {
    let to = out + n * outStride;
    let offset = to + blocks * DATA, scale = offset + blocks * OFFSET;
    const from = x + n * xStride;
    for (let c = 0; c < columns; c += BLOCK, to += DATA, offset += OFFSET, scale += 4) {
      // The weights' steps are halves.
      f32.store(scale, 0.5 * fixedBlock(to, from + 4 * c, min(columns - c, BLOCK), BLOCK, LIMIT));
      arrange(to, offset);
    }
  }
}

@inline
function upperBytes(a: v128, b: v128): v128 {
  const half = i16x8.splat(128);
  return i8x16.narrow_i16x8_s(i16x8.shr_s(i16x8.add(a, half), 8), i16x8.shr_s(i16x8.add(b, half), 8));
}

function arrange(at: usize, offset: usize): void {
  const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48);
  const e0 = evens(a, b), e1 = evens(c, d), o0 = odds(a, b), o1 = odds(c, d);
  if (ASC_FEATURE_RELAXED_SIMD) {
    v128.store(at, upperBytes(e0, e1)), v128.store(at, upperBytes(o0, o1), 16);
    v128.store(at, lowBytes(e0, e1), 32), v128.store(at, lowBytes(o0, o1), 48);
    const one = i16x8.splat(1);
    const sums = sumEachInteger(i32x4.dot_i16x8_s(a, one), i32x4.dot_i16x8_s(b, one), i32x4.dot_i16x8_s(c, one), i32x4.dot_i16x8_s(d, one));
    v128.store(offset, i32x4.mul(sums, i32x4.splat(-12)));
  } else {
    v128.store(at, evens(e0, e1)), v128.store(at, odds(e0, e1), 16);
    v128.store(at, evens(o0, o1), 32), v128.store(at, odds(o0, o1), 48);
  }
}

/** Σ 2w·q over 32 columns, exact, in four lanes of eight columns each. Relaxed products need unsigned weights: 12 more, taken back by `offset`. */
@inline
function sum32(w: usize, data: usize, offset: usize): v128 {
  const packed = v128.load(w);
  const nibble = i8x16.splat(15);
  if (ASC_FEATURE_RELAXED_SIMD) {
    const table = i8x16(12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0);
    const even = lookup(table, v128.and(packed, nibble)), odd = lookup(table, v128.and(i16x8.shr_u(packed, 4), nibble));
    let upper = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(data), even, i32x4.splat(0));
    upper = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(data, 16), odd, upper);
    let lower = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(data, 32), even, v128.load(offset));
    lower = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(data, 48), odd, lower);
    return i32x4.add(i32x4.shl(upper, 8), lower);
  }
  const table = i8x16(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
  const even = lookup(table, v128.and(packed, nibble)), odd = lookup(table, v128.and(i16x8.shr_u(packed, 4), nibble));
  let sum = i32x4.dot_i16x8_s(i16x8.shr_s(i16x8.shl(even, 8), 8), v128.load(data));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(even, 8), v128.load(data, 16)));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(i16x8.shl(odd, 8), 8), v128.load(data, 32)));
  return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(odd, 8), v128.load(data, 48)));
}

/** r + sum · scale, rounded after each, so that both variants agree to the bit. A lane's sum is below 2^24, hence exact as a float. */
@inline
function scaled(r: v128, sum: v128, scale: f32): v128 {
  return f32x4.add(r, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.splat(scale)));
}

/** y = W x for packed FP4 weights with a UE8M0 scale per row and 32 columns, x from `prepareFixedFP4`. Sums inside a block are exact integers. */
export function matmulFP4Fixed(
  y: usize, yStride: usize, prepared: usize, preparedStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32,
  bf16: bool,
): void {
  for (let o = begin; o < end; o += 4)
    for (let t = 0; t < tokens; t++) rows(y + t * yStride, prepared + t * preparedStride, w, scale, columns, o, end, bf16);
}

function rows(y: usize, prepared: usize, w: usize, scale: usize, columns: i32, o: i32, end: i32, bf16: bool): void {
  const o1 = min(o + 1, end - 1), o2 = min(o + 2, end - 1), o3 = min(o + 3, end - 1);
  const blocks = (columns + BLOCK - 1) / BLOCK, pitch = (columns + 1) >>> 1;
  const s0 = scale + o * blocks, s1 = scale + o1 * blocks, s2 = scale + o2 * blocks, s3 = scale + o3 * blocks;
  const w0 = w + o * pitch, w1 = w + o1 * pitch, w2 = w + o2 * pitch, w3 = w + o3 * pitch;
  const offsets = prepared + blocks * DATA, inputScales = offsets + blocks * OFFSET;
  let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0;
  for (let b = 0; b < blocks; b++) {
    const data = prepared + b * DATA, offset = offsets + b * OFFSET, at = 16 * b;
    const s = f32.load(inputScales + 4 * b);
    r0 = scaled(r0, sum32(w0 + at, data, offset), s * powerOfTwo(load<u8>(s0 + b)));
    r1 = scaled(r1, sum32(w1 + at, data, offset), s * powerOfTwo(load<u8>(s1 + b)));
    r2 = scaled(r2, sum32(w2 + at, data, offset), s * powerOfTwo(load<u8>(s2 + b)));
    r3 = scaled(r3, sum32(w3 + at, data, offset), s * powerOfTwo(load<u8>(s3 + b)));
  }
  storeLeft(y + 4 * o, activation(sumEach(r0, r1, r2, r3), bf16), end - o);
}
