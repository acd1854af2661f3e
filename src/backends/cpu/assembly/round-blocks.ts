import { activation } from "./bf16";
import { largestMagnitude, storeLeft } from "./floats";

/**
 * Through a number format with one power-of-two scale for each block of a row and back (src/formats, rule `ceil`). The quotient by such
 * a scale is exact. It is rounded by the adder: a value of binade e plus 2^(e + 23 - m) leaves m fraction bits, to nearest even; below
 * the format's first binade the grid stays as wide as there.
 */

/** E4M3: 3 fraction bits, binades from 2^-6, largest 448; amax is taken to be at least 1e-4. */
export function roundFP8(y: usize, x: usize, begin: i32, end: i32, width: i32, columns: i32, block: i32): void {
  for (let n = begin; n < end; n++) {
    const at = <usize>n * width * 4;
    for (let c = 0; c < columns; c += block)
      roundBlock(y + at + c * 4, x + at + c * 4, min(block, columns - c), 1e-4, 1.0 / 448, 448, 127 - 6, 3);
    copyColumns(y + at, x + at, columns, width);
  }
}

/** E2M1: 1 fraction bit, binades from 2^0, largest 6; amax is taken to be at least 6 · 2^-126. */
export function roundFP4(y: usize, x: usize, begin: i32, end: i32, width: i32, columns: i32, block: i32): void {
  for (let n = begin; n < end; n++) {
    const at = <usize>n * width * 4;
    for (let c = 0; c < columns; c += block)
      roundBlock(y + at + c * 4, x + at + c * 4, min(block, columns - c), <f32>(6 * 1.1754943508222875e-38), 1.0 / 6, 6, 127, 1);
    copyColumns(y + at, x + at, columns, width);
  }
}

/** @param first exponent field of the format's first binade; @param fraction its fraction bits */
@inline
function roundBlock(y: usize, x: usize, count: i32, floor: f32, perLargest: f32, largest: f32, first: i32, fraction: i32): void {
  const amax = largestMagnitude(x, count, floor);
  if (!(amax < Infinity)) {
    for (let left = count; left > 0; left -= 4, y += 16) storeLeft(y, f32x4.splat(NaN), left);
    return;
  }
  const field = (reinterpret<u32>(amax * perLargest) + 0x7fffff) >> 23;
  const scale = f32x4.splat(reinterpret<f32>(field << 23));
  const inverse = f32x4.splat(reinterpret<f32>((254 - field) << 23));
  for (let left = count; left > 0; left -= 4, x += 16, y += 16) {
    const v = v128.load(x);
    const q = f32x4.mul(f32x4.abs(v), inverse);
    const binade = i32x4.max_s(v128.and(q, i32x4.splat(0x7f800000)), i32x4.splat(first << 23));
    const adder = i32x4.add(binade, i32x4.splat((23 - fraction) << 23));
    const snapped = f32x4.pmin(f32x4.sub(f32x4.add(q, adder), adder), f32x4.splat(largest));
    storeLeft(y, v128.or(f32x4.mul(snapped, scale), v128.and(v, i32x4.splat(0x80000000))), left);
  }
}

@inline
function copyColumns(y: usize, x: usize, from: i32, to: i32): void {
  if (y != x) memory.copy(y + from * 4, x + from * 4, <usize>(to - from) * 4);
}

/** Elements [begin, end) to BF16. */
export function roundBF16All(y: usize, x: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i += 4) storeLeft(y + <usize>i * 4, activation(v128.load(x + <usize>i * 4), true), end - i);
}
