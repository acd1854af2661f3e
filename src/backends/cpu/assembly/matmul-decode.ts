import { lookup, mixHigh, mixLow, widenHigh, widenLow } from "./lanes";

// Formats of stored weights, as types, so that one product serves them all and the choice is made when compiling.
export type F32 = f32;
export type BF16 = u16;
export type E4M3 = u8;
export type INT8 = i8;
export type E2M1 = bool;

/*
 * Every 4-bit and 8-bit float is a BF16 number too, made here byte by byte. An E2M1 code looks both bytes up. Of an E4M3 number the upper
 * byte follows from the code's upper nibble (sign and most of the exponent), the lower byte is the code's lower nibble moved up. Two tables
 * then correct NaN and codes 0…7, zero and the subnormals; they are indexed by code + 1 without its sign (so that NaN comes to 0) and give
 * zero from 16 on. Had the subnormals' bits only been moved into place, they would be float32 subnormals, which stall some processors.
 */

/** Upper bytes by nibble. */
@inline
export function upperTable<F>(): v128 {
  if (isBoolean<F>()) return i8x16(0, 0x3f, 0x3f, 0x3f, 0x40, 0x40, 0x40, 0x40, -128, -65, -65, -65, -64, -64, -64, -64);
  return i8x16(0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43, -68, -67, -66, -65, -64, -63, -62, -61);
}
/** Lower bytes of E2M1; what to change in those of E4M3. */
@inline
export function lowerTable<F>(): v128 {
  if (isBoolean<F>()) return i8x16(0, 0, -128, -64, 0, 0x40, -128, -64, 0, 0, -128, -64, 0, 0x40, -128, -64);
  return i8x16(0, 0, 0x10, -96, -16, 0x40, 0x70, 0x20, 0x10, 0, 0, 0, 0, 0, 0, 0);
}
/** What to change in the upper bytes of E4M3. */
@inline
export function upperFix(): v128 {
  return i8x16(0x3c, 0x3c, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

/** Bytes of `columns` weights of a row; of packed FP4 an odd one takes a whole byte. */
@inline
export function bytesOf<F>(columns: i32): usize {
  return isBoolean<F>() ? (columns + 1) >>> 1 : columns * sizeof<F>();
}

/** Sixteen weights from `p` on as one code a byte, packed FP4 unpacked in the order of the columns. Wider formats have no such form. */
@inline
export function codes<F>(p: usize, nibble: v128): v128 {
  if (isBoolean<F>()) {
    const packed = v128.load64_zero(p);
    return mixLow(v128.and(packed, nibble), v128.and(i16x8.shr_u(packed, 4), nibble));
  }
  return sizeof<F>() == 1 ? v128.load(p) : i32x4.splat(0);
}

/** Where a code is in the tables of corrections; what is past their end the relaxed lookup wants above 127. `magnitude`: splat(127). */
@inline
function correction(code: v128, magnitude: v128): v128 {
  const index = v128.and(i8x16.sub(code, i8x16.splat(-1)), magnitude);
  return ASC_FEATURE_RELAXED_SIMD ? i8x16.add_sat_u(index, i8x16.splat(0x70)) : index;
}

@inline
function upperBytes<F>(code: v128, nibble: v128, magnitude: v128, table: v128, fix: v128): v128 {
  if (isBoolean<F>()) return lookup(table, code);
  return v128.xor(lookup(table, v128.and(i16x8.shr_u(code, 4), nibble)), lookup(fix, correction(code, magnitude)));
}

@inline
function lowerBytes<F>(code: v128, nibble: v128, magnitude: v128, table: v128): v128 {
  if (isBoolean<F>()) return lookup(table, code);
  return v128.xor(i16x8.shl(v128.and(code, nibble), 4), lookup(table, correction(code, magnitude)));
}

@inline
function isInt8<F>(): bool {
  return sizeof<F>() == 1 && isSigned<F>();
}

/** Weights 0…7 of sixteen as BF16, or for INT8 as 16-bit integers. What both halves need is computed once: engines see that it is the same. */
@inline
export function firstEight<F>(p: usize, code: v128, nibble: v128, magnitude: v128, upper: v128, fix: v128, lower: v128): v128 {
  if (isInt8<F>()) return i16x8.extend_low_i8x16_s(code);
  if (sizeof<F>() == 2) return v128.load(p);
  return mixLow(lowerBytes<F>(code, nibble, magnitude, lower), upperBytes<F>(code, nibble, magnitude, upper, fix));
}
/** Weights 8…15. */
@inline
export function lastEight<F>(p: usize, code: v128, nibble: v128, magnitude: v128, upper: v128, fix: v128, lower: v128): v128 {
  if (isInt8<F>()) return i16x8.extend_high_i8x16_s(code);
  if (sizeof<F>() == 2) return v128.load(p, 16);
  return mixHigh(lowerBytes<F>(code, nibble, magnitude, lower), upperBytes<F>(code, nibble, magnitude, upper, fix));
}

/** Weights 4k…4k+3 of sixteen as floats, from the eight they are among. */
@inline
export function four<F>(p: usize, eight: v128, k: i32): v128 {
  if (sizeof<F>() == 4) return k == 0 ? v128.load(p) : k == 1 ? v128.load(p, 16) : k == 2 ? v128.load(p, 32) : v128.load(p, 48);
  if (isInt8<F>()) return f32x4.convert_i32x4_s(k & 1 ? i32x4.extend_high_i16x8_s(eight) : i32x4.extend_low_i16x8_s(eight));
  return k & 1 ? widenHigh(eight) : widenLow(eight);
}
