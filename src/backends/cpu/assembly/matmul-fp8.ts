import { activation } from "./bf16";
import { loadLeft, madd, sumEach } from "./floats";
import { kept, powerOfTwo } from "./lanes";
import { accumulate, PANEL, scaleAt } from "./matmul-float";

/*
 * y = W x for E4M3 weights without a NaN among them, in blocks of a multiple of 16 columns. Moved to where float32 has its own, a code's bits
 * are its value times 2^-120, zero and the subnormals too: nothing to correct, but products with ordinary inputs would be lost below
 * float32's range. So each input row is scaled up beforehand by a power of two that brings its largest to 2^100, and the sums of each block
 * back. Both are exact; an input below 2^-97 of the row's largest may lose digits. Subnormal codes become float32 subnormals, on which some
 * processors stall: quantised weights have one in ten thousand.
 */

/** Columns whose bytes one vector holds. */
const GROUP: i32 = 16;
/** What a prepared row begins with: by what to multiply its sums. */
const HEADER: i32 = 64;

/** Bytes of one row prepared by `prepareFP8`, a multiple of 64. */
export function preparedFP8Bytes(columns: i32): i32 {
  return HEADER + ((columns + GROUP - 1) / GROUP) * 4 * GROUP;
}

/**
 * Rows of floats for `matmulFP8Scaled`: scaled, zeros after the last, each 16 in the order in which codes fall out of a vector: every fourth
 * from 0, 2, 1, 3.
 */
export function prepareFP8(out: usize, outStride: usize, x: usize, xStride: usize, rows: i32, columns: i32): void {
  for (; rows > 0; rows--, out += outStride, x += xStride) {
    let most = i32x4.splat(0);
    for (let c = 0; c < columns; c += 4) most = i32x4.max_s(most, f32x4.abs(loadLeft(x + 4 * c, columns - c)));
    most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
    most = i32x4.max_s(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2));
    // Both powers stay within float32's range.
    const up = min(127, max(-7, 227 - (i32x4.extract_lane(most, 0) >> 23)));
    f32.store(out, powerOfTwo(127 + 120 - up));
    const by = f32x4.splat(powerOfTwo(127 + up));
    let to = out + HEADER;
    for (let c = 0; c < columns; c += GROUP, to += 4 * GROUP) {
      const from = x + 4 * c, left = columns - c;
      const v0 = some(from, left, by), v1 = some(from + 16, left - 4, by), v2 = some(from + 32, left - 8, by), v3 = some(from + 48, left - 12, by);
      const a = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5), b = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5);
      const d = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7), e = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
      v128.store(to, v128.shuffle<f32>(a, b, 0, 1, 4, 5));
      v128.store(to, v128.shuffle<f32>(d, e, 0, 1, 4, 5), 16);
      v128.store(to, v128.shuffle<f32>(a, b, 2, 3, 6, 7), 32);
      v128.store(to, v128.shuffle<f32>(d, e, 2, 3, 6, 7), 48);
    }
  }
}

@inline
function some(from: usize, left: i32, by: v128): v128 {
  return left > 0 ? f32x4.mul(loadLeft(from, left), by) : i32x4.splat(0);
}

/** Whether a NaN is among so many E4M3 codes. */
export function hasNaN(codes: usize, count: i32): bool {
  let most = i32x4.splat(0);
  const end = codes + count;
  for (; codes + 16 <= end; codes += 16) most = twice(most, v128.load(codes));
  for (; codes < end; codes++) most = twice(most, v128.load8_lane(codes, i32x4.splat(0), 0));
  return v128.any_true(i8x16.eq(most, i8x16.splat(-2)));
}
/** Without its sign a NaN is the largest code. */
@inline
function twice(most: v128, code: v128): v128 {
  return i8x16.max_u(most, i8x16.add(code, code));
}

/** Codes of even and of odd bytes, their exponents where BF16 has the lower bits of its own, sign where it has its own, between them copies of the sign. */
@inline
function evenBytes(code: v128): v128 {
  return i16x8.shr_s(i16x8.shl(code, 8), 4);
}
@inline
function oddBytes(code: v128): v128 {
  return i16x8.shr_s(code, 4);
}
/** As floats: those in the lower and in the upper half of each 32 bits. */
@inline
function lowHalves(v: v128, mask: v128): v128 {
  return v128.and(i32x4.shl(v, 16), mask);
}
@inline
function highHalves(v: v128, mask: v128): v128 {
  return v128.and(v, mask);
}
/** Sign, four exponent bits, three of the fraction. */
@inline
function valueBits(): v128 {
  return i32x4.splat(0x87f00000);
}

/**
 * Scales as those of `matmulFP8`, x from `prepareFP8`. The order of the sum is that of matmul-float.ts, but that a block has two sums of four
 * lanes each: a single one would keep the processor waiting for the addition before.
 */
export function matmulFP8Scaled(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  for (; tokens > 2; tokens -= 4, y += 4 * yStride, x += 4 * xStride) {
    tile(y, yStride, x, xStride, min(tokens, 4), w, scale, columns, begin, end, bf16, blockRows, blockColumns, scaleF32);
  }
  for (; tokens > 0; tokens--, y += yStride, x += xStride) rows(y, x, w, scale, columns, begin, end, bf16, blockRows, blockColumns, scaleF32);
}

/** Quotient of row and rows in a block, which most often is a power of two: dividing takes as long as a twentieth of a short row. */
@inline
function blockOf(row: u32, blockRows: u32): u32 {
  return blockRows & (blockRows - 1) ? row / blockRows : row >> ctz(blockRows);
}

/** a + Σ of eight columns. */
@inline
function addEight(a: v128, halves: v128, x: v128, more: v128, mask: v128): v128 {
  return madd(highHalves(halves, mask), more, madd(lowHalves(halves, mask), x, a));
}

function rows(
  y: usize, x: usize, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool, blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  const mask = kept(valueBits(), columns), back = v128.load32_splat(x);
  const across = <u32>(columns + blockColumns - 1) / <u32>blockColumns;
  const quarter = (end - begin + 3) >> 2;
  for (let o0 = begin; o0 < begin + quarter; o0++) {
    // Past the end the last row is computed again.
    const o1 = min(o0 + quarter, end - 1), o2 = min(o1 + quarter, end - 1), o3 = min(o2 + quarter, end - 1);
    let w0 = w + o0 * columns, w1 = w + o1 * columns, w2 = w + o2 * columns, w3 = w + o3 * columns;
    let s0 = blockOf(o0, blockRows) * across, s1 = blockOf(o1, blockRows) * across, s2 = blockOf(o2, blockRows) * across, s3 = blockOf(o3, blockRows) * across;
    let sum = f32x4.splat(0), r0 = sum, r1 = sum, r2 = sum, r3 = sum;
    let blockEnd = min(blockColumns, columns), panelEnd = min(PANEL, columns);
    for (let c = 0, from = x + HEADER; c < columns; ) {
      const stop = min(blockEnd, panelEnd);
      let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      for (; c < stop; c += GROUP) {
        const x0 = v128.load(from), x1 = v128.load(from, 16), x2 = v128.load(from, 32), x3 = v128.load(from, 48);
        let code = v128.load(w0);
        a0 = addEight(a0, evenBytes(code), x0, x1, mask), b0 = addEight(b0, oddBytes(code), x2, x3, mask);
        code = v128.load(w1), a1 = addEight(a1, evenBytes(code), x0, x1, mask), b1 = addEight(b1, oddBytes(code), x2, x3, mask);
        code = v128.load(w2), a2 = addEight(a2, evenBytes(code), x0, x1, mask), b2 = addEight(b2, oddBytes(code), x2, x3, mask);
        code = v128.load(w3), a3 = addEight(a3, evenBytes(code), x0, x1, mask), b3 = addEight(b3, oddBytes(code), x2, x3, mask);
        w0 += GROUP, w1 += GROUP, w2 += GROUP, w3 += GROUP, from += 4 * GROUP;
      }
      a0 = f32x4.add(a0, b0), a1 = f32x4.add(a1, b1), a2 = f32x4.add(a2, b2), a3 = f32x4.add(a3, b3);
      c = stop;
      r0 = madd(f32x4.mul(a0, back), scaleAt(scale, s0, scaleF32), r0), r1 = madd(f32x4.mul(a1, back), scaleAt(scale, s1, scaleF32), r1);
      r2 = madd(f32x4.mul(a2, back), scaleAt(scale, s2, scaleF32), r2), r3 = madd(f32x4.mul(a3, back), scaleAt(scale, s3, scaleF32), r3);
      if (c == blockEnd) {
        blockEnd = min(blockEnd + blockColumns, columns);
        s0++, s1++, s2++, s3++;
      }
      if (c == panelEnd) {
        panelEnd = min(panelEnd + PANEL, columns);
        sum = f32x4.add(sum, sumEach(r0, r1, r2, r3));
        r0 = r1 = r2 = r3 = f32x4.splat(0);
      }
    }
    sum = activation(sum, bf16);
    v128.store32_lane(y + 4 * o0, sum, 0);
    v128.store32_lane(y + 4 * o1, sum, 1);
    v128.store32_lane(y + 4 * o2, sum, 2);
    v128.store32_lane(y + 4 * o3, sum, 3);
  }
}

/** At most four tokens. Those missing repeat the last. Between panels y holds the sums so far. */
function tile(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  const mask = kept(valueBits(), columns);
  const across = <u32>(columns + blockColumns - 1) / <u32>blockColumns;
  const last = tokens - 1, p1 = x + min(1, last) * xStride, p2 = x + min(2, last) * xStride, p3 = x + last * xStride;
  for (let panel = 0; panel < columns; panel += PANEL) {
    const panelEnd = min(panel + PANEL, columns), firstBlock = <u32>panel / <u32>blockColumns;
    const from = HEADER + 4 * panel, rounded = bf16 && panelEnd == columns;
    for (let o = begin; o < end; o++) {
      let at = w + o * columns + panel, block = <u32>o / <u32>blockRows * across + firstBlock;
      let x0 = x + from, x1 = p1 + from, x2 = p2 + from, x3 = p3 + from;
      let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0;
      for (let c = panel, blockEnd = (<i32>firstBlock + 1) * blockColumns; c < panelEnd; blockEnd += blockColumns) {
        const stop = min(blockEnd, panelEnd);
        let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        for (; c < stop; c += GROUP) {
          const code = v128.load(at), even = evenBytes(code), odd = oddBytes(code);
          const w0 = lowHalves(even, mask), w1 = highHalves(even, mask), w2 = lowHalves(odd, mask), w3 = highHalves(odd, mask);
          a0 = madd(w1, v128.load(x0, 16), madd(w0, v128.load(x0), a0)), b0 = madd(w3, v128.load(x0, 48), madd(w2, v128.load(x0, 32), b0));
          a1 = madd(w1, v128.load(x1, 16), madd(w0, v128.load(x1), a1)), b1 = madd(w3, v128.load(x1, 48), madd(w2, v128.load(x1, 32), b1));
          a2 = madd(w1, v128.load(x2, 16), madd(w0, v128.load(x2), a2)), b2 = madd(w3, v128.load(x2, 48), madd(w2, v128.load(x2, 32), b2));
          a3 = madd(w1, v128.load(x3, 16), madd(w0, v128.load(x3), a3)), b3 = madd(w3, v128.load(x3, 48), madd(w2, v128.load(x3, 32), b3));
          x0 += 64, x1 += 64, x2 += 64, x3 += 64, at += GROUP;
        }
        c = stop;
        a0 = f32x4.add(a0, b0), a1 = f32x4.add(a1, b1), a2 = f32x4.add(a2, b2), a3 = f32x4.add(a3, b3);
        const s = scaleAt(scale, block++, scaleF32);
        r0 = addBlock(r0, a0, x, s), r1 = addBlock(r1, a1, p1, s), r2 = addBlock(r2, a2, p2, s), r3 = addBlock(r3, a3, p3, s);
      }
      accumulate(y + 4 * o, yStride, min(last, 3), sumEach(r0, r1, r2, r3), panel, rounded);
    }
  }
}

@inline
function addBlock(r: v128, a: v128, x: usize, scale: v128): v128 {
  return madd(f32x4.mul(a, v128.load32_splat(x)), scale, r);
}
