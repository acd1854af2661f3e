import { lookup, mixHigh, mixLow, widenHigh, widenLow } from "./lanes";

// Formats of stored weights, as types, so that one product serves them all and the choice costs nothing.
export type F32 = f32;
export type BF16 = u16;
export type E4M3 = u8;
export type INT8 = i8;
export type E2M1 = bool;

/** Bytes of `columns` weights of a row; for packed FP4 an odd one takes a whole byte. */
@inline
export function bytesOf<F>(columns: i32): usize {
  return isBoolean<F>() ? (columns + 1) >>> 1 : columns * sizeof<F>();
}

@inline
function isInt8<F>(): bool {
  return sizeof<F>() == 1 && isSigned<F>();
}

/** Sixteen weights from `p` on as one code a byte, packed FP4 unpacked in the order of the columns. Wider formats need no such step. */
@inline
export function codes<F>(p: usize): v128 {
  if (isBoolean<F>()) {
    const packed = v128.load64_zero(p);
    const mask = i8x16.splat(15);
    return mixLow(v128.and(packed, mask), v128.and(i16x8.shr_u(packed, 4), mask));
  }
  return sizeof<F>() == 1 ? v128.load(p) : i32x4.splat(0);
}

/** Weights 0…7 of the sixteen as BF16, or for INT8 as 16-bit integers. */
@inline
export function lower<F>(p: usize, code: v128): v128 {
  if (isInt8<F>()) return i16x8.extend_low_i8x16_s(code);
  return sizeof<F>() == 2 ? v128.load(p) : mixLow(lowBytes<F>(code), highBytes<F>(code));
}
/** Weights 8…15. */
@inline
export function upper<F>(p: usize, code: v128): v128 {
  if (isInt8<F>()) return i16x8.extend_high_i8x16_s(code);
  return sizeof<F>() == 2 ? v128.load(p, 16) : mixHigh(lowBytes<F>(code), highBytes<F>(code));
}

/** The lower and the upper four of eight such numbers as floats. */
@inline
export function floatsLow<F>(eight: v128): v128 {
  return isInt8<F>() ? f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(eight)) : widenLow(eight);
}
@inline
export function floatsHigh<F>(eight: v128): v128 {
  return isInt8<F>() ? f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(eight)) : widenHigh(eight);
}

/**
 * Every 4-bit and 8-bit float is a BF16 number too. Of an E4M3 number the upper byte follows from the code's upper nibble (sign and most of
 * the exponent), and the lower byte is the code's lower nibble moved up. Subnormals and zeros (codes 0…7) are then put right by a
 * table that is zero elsewhere: had their bits only been moved into place, they would be float32 subnormals, which stall some processors.
 */
@inline
function highBytes<F>(code: v128): v128 {
  if (isBoolean<F>()) return lookup(i8x16(0, 0x3f, 0x3f, 0x3f, 0x40, 0x40, 0x40, 0x40, -128, -65, -65, -65, -64, -64, -64, -64), code);
  const magnitude = v128.and(code, i8x16.splat(0x7f));
  const nibble = v128.and(i16x8.shr_u(code, 4), i8x16.splat(15));
  const normal = lookup(i8x16(0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43, -68, -67, -66, -65, -64, -63, -62, -61), nibble);
  const correction = i8x16.swizzle(i8x16(0x3c, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), magnitude);
  const nan = i8x16.eq(magnitude, i8x16.splat(0x7f));
  return v128.or(v128.xor(normal, correction), nan);
}

@inline
function lowBytes<F>(code: v128): v128 {
  if (isBoolean<F>()) return lookup(i8x16(0, 0, -128, -64, 0, 0x40, -128, -64, 0, 0, -128, -64, 0, 0x40, -128, -64), code);
  const magnitude = v128.and(code, i8x16.splat(0x7f));
  const normal = v128.and(i16x8.shl(code, 4), i8x16.splat(-16));
  const correction = i8x16.swizzle(i8x16(0, 0x10, -96, -16, 0x40, 0x70, 0x20, 0x10, 0, 0, 0, 0, 0, 0, 0, 0), magnitude);
  return v128.xor(normal, correction);
}
