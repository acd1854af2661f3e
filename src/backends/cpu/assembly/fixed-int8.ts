import { activation } from "./bf16";
import { evens, fixedBlock, lowBytes, odds } from "./fixed-block";
import { storeLeft, sumEach } from "./floats";

/** Columns that share an input scale. */
const BLOCK: i32 = 64;
/** Bytes of a prepared block; the scales follow after the last one. */
const DATA: usize = 128;
/** Largest prepared integer: with 2^13 added, two unsigned halves of 7 bits. */
const LIMIT: f32 = 8191;

/**
 * Rows of floats as 14-bit fixed point, for `matmulINT8Fixed`. Relaxed: per 64 columns the upper, then the lower seven bits of q + 2^13.
 * Plain: q as int16, of each 16 columns first the even, then the odd ones, as the weights' bytes fall apart.
 */
export function prepareFixedINT8(out: usize, outStride: usize, x: usize, xStride: usize, rows: i32, columns: i32): void {
  const blocks = (columns + BLOCK - 1) / BLOCK;
  for (let n = 0; n < rows; n++) {
    let to = out + n * outStride;
    let scale = to + blocks * DATA;
    const from = x + n * xStride;
    for (let c = 0; c < columns; c += BLOCK, to += DATA, scale += 4) {
      f32.store(scale, fixedBlock(to, from + 4 * c, min(columns - c, BLOCK), BLOCK, LIMIT));
      arrange(to);
    }
  }
}

@inline
function upperHalf(a: v128, b: v128): v128 {
  return i8x16.narrow_i16x8_u(i16x8.shr_u(a, 7), i16x8.shr_u(b, 7));
}
@inline
function lowerHalf(a: v128, b: v128): v128 {
  return v128.and(lowBytes(a, b), i8x16.splat(127));
}

function arrange(at: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    const offset = i16x8.splat(8192);
    const a = i16x8.add(v128.load(at), offset), b = i16x8.add(v128.load(at, 16), offset);
    const c = i16x8.add(v128.load(at, 32), offset), d = i16x8.add(v128.load(at, 48), offset);
    const e = i16x8.add(v128.load(at, 64), offset), f = i16x8.add(v128.load(at, 80), offset);
    const g = i16x8.add(v128.load(at, 96), offset), h = i16x8.add(v128.load(at, 112), offset);
    v128.store(at, upperHalf(a, b)), v128.store(at, upperHalf(c, d), 16);
    v128.store(at, upperHalf(e, f), 32), v128.store(at, upperHalf(g, h), 48);
    v128.store(at, lowerHalf(a, b), 64), v128.store(at, lowerHalf(c, d), 80);
    v128.store(at, lowerHalf(e, f), 96), v128.store(at, lowerHalf(g, h), 112);
  } else {
    for (let k = 0; k < 4; k++, at += 32) {
      const a = v128.load(at), b = v128.load(at, 16);
      v128.store(at, evens(a, b)), v128.store(at, odds(a, b), 16);
    }
  }
}

/**
 * Σ w·q over 32 columns, the first or second half of a prepared block, exact, in four lanes of four, four, … columns. The relaxed
 * product takes the 2^13 back by a third sum, of the weights alone.
 */
@inline
function sum32(w: usize, data: usize, half: i32): v128 {
  const a = v128.load(w), b = v128.load(w, 16);
  if (ASC_FEATURE_RELAXED_SIMD) {
    const at = data + 32 * half, offset = i8x16.splat(64);
    let sum = i32x4.relaxed_dot_i8x16_i7x16_add_s(a, v128.load(at), i32x4.splat(0));
    sum = i32x4.relaxed_dot_i8x16_i7x16_add_s(b, v128.load(at, 16), sum);
    let weights = i32x4.relaxed_dot_i8x16_i7x16_add_s(a, offset, i32x4.splat(0));
    weights = i32x4.relaxed_dot_i8x16_i7x16_add_s(b, offset, weights);
    sum = i32x4.shl(i32x4.sub(sum, weights), 7);
    sum = i32x4.relaxed_dot_i8x16_i7x16_add_s(a, v128.load(at, 64), sum);
    return i32x4.relaxed_dot_i8x16_i7x16_add_s(b, v128.load(at, 80), sum);
  }
  const at = data + 64 * half;
  let sum = i32x4.dot_i16x8_s(i16x8.shr_s(i16x8.shl(a, 8), 8), v128.load(at));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(a, 8), v128.load(at, 16)));
  sum = i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(i16x8.shl(b, 8), 8), v128.load(at, 32)));
  return i32x4.add(sum, i32x4.dot_i16x8_s(i16x8.shr_s(b, 8), v128.load(at, 48)));
}

/** r + sum · scale, rounded after each, so that both variants agree to the bit. A lane's sum is below 2^24, hence exact as a float. */
@inline
function scaled(r: v128, sum: v128, scale: f32): v128 {
  return f32x4.add(r, f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.splat(scale)));
}

/**
 * y = W x for INT8 weights with a float32 scale per row and `blockColumns` columns (a multiple of 32, or the whole row), x from
 * `prepareFixedINT8`. Sums inside 32 or 64 columns are exact integers.
 */
export function matmulINT8Fixed(
  y: usize, yStride: usize, prepared: usize, preparedStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32,
  bf16: bool, blockColumns: i32,
): void {
  for (let o = begin; o < end; o += 4)
    for (let t = 0; t < tokens; t++)
      rows(y + t * yStride, prepared + t * preparedStride, w, scale, columns, o, end, bf16, blockColumns);
}

function rows(y: usize, prepared: usize, w: usize, scale: usize, columns: i32, o: i32, end: i32, bf16: bool, blockColumns: i32): void {
  const o1 = min(o + 1, end - 1), o2 = min(o + 2, end - 1), o3 = min(o + 3, end - 1);
  const across = (columns + blockColumns - 1) / blockColumns;
  const s0 = scale + 4 * o * across, s1 = scale + 4 * o1 * across, s2 = scale + 4 * o2 * across, s3 = scale + 4 * o3 * across;
  const w0 = w + o * columns, w1 = w + o1 * columns, w2 = w + o2 * columns, w3 = w + o3 * columns;
  const inputScales = prepared + (columns + BLOCK - 1) / BLOCK * DATA;
  let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0;
  for (let c = 0; c < columns; c += 32) {
    const data = prepared + (c / BLOCK) * DATA, half = (c >> 5) & 1;
    const block = 4 * (c / blockColumns);
    const s = f32.load(inputScales + 4 * (c / BLOCK));
    r0 = scaled(r0, sum32(w0 + c, data, half), s * f32.load(s0 + block));
    r1 = scaled(r1, sum32(w1 + c, data, half), s * f32.load(s1 + block));
    r2 = scaled(r2, sum32(w2 + c, data, half), s * f32.load(s2 + block));
    r3 = scaled(r3, sum32(w3 + c, data, half), s * f32.load(s3 + block));
  }
  storeLeft(y + 4 * o, activation(sumEach(r0, r1, r2, r3), bf16), end - o);
}
