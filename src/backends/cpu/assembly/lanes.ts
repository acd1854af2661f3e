// Small pieces the matrix products are made of.

/**
 * A constant that stays in a register. Engines do not lift constants out of loops: they build them anew at each use, which takes longer
 * than the use. So they are told that it might be another value. `size`: any number that is not negative.
 */
@inline
export function kept(constant: v128, size: i32): v128 {
  return v128.or(constant, i32x4.splat(size >>> 31));
}

/** table[index] in 16 lanes, for indices below 16; zero from 128 on, and in the plain variant from 16 on. */
@inline
export function lookup(table: v128, index: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.relaxed_swizzle(table, index) : i8x16.swizzle(table, index);
}

/** The bytes of two vectors in turn, a0 b0 a1 b1 …: those of the lower halves. */
@inline
export function mixLow(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
/** The same of the upper halves. */
@inline
export function mixHigh(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Eight BF16 numbers as floats: the lower and the upper four. */
@inline
export function widenLow(v: v128): v128 {
  return v128.shuffle<u16>(i16x8.splat(0), v, 0, 8, 1, 9, 2, 10, 3, 11);
}
@inline
export function widenHigh(v: v128): v128 {
  return v128.shuffle<u16>(i16x8.splat(0), v, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Value of a UE8M0 code: 2^(code - 127); 255 is NaN. */
@inline
export function powerOfTwo(code: u32): f32 {
  return reinterpret<f32>(code == 255 ? 0x7fc00000 : code ? code << 23 : 0x00400000);
}

/** c + a·b, four signed bytes times four of 0…127 a lane. Relaxed only. */
@inline
export function dot8(a: v128, b: v128, c: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, c);
}

// How many tokens a product handles at once, as types, so that each number has code of its own.
export type Two = u16;
export type Four = u32;
export type Eight = u64;
/** Whether N is `count` or more. */
@inline
export function atLeast<N>(count: i32): bool {
  return <i32>sizeof<N>() >= count;
}

/** One output of tokens 0…last, at most four: lane t goes to row t of y. */
@inline
export function storeTokens(y: usize, yStride: usize, last: i32, v: v128): void {
  v128.store32_lane(y, v, 0);
  if (last > 0) v128.store32_lane(y + yStride, v, 1);
  if (last > 1) v128.store32_lane(y + 2 * yStride, v, 2);
  if (last > 2) v128.store32_lane(y + 3 * yStride, v, 3);
}

/** Rows of so many bytes that a second-level cache holds beside the inputs, while all tokens pass over them. */
@inline
export function rowsInCache(rowBytes: i32): i32 {
  return max(1, (256 << 10) / rowBytes);
}
