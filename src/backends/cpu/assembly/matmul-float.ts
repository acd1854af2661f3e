import { activation } from "./bf16";
import { madd, sumEach } from "./floats";
import { atLeast, Eight, Four, kept, powerOfTwo } from "./lanes";
import {
  BF16, bytesOf, codes, E2M1, E4M3, F32, firstEight, four, INT8, lastEight, lowerTable, upperFix, upperTable,
} from "./matmul-decode";

/*
 * y[t, o] = Σ_c W[o, c] · x[t, c] in float32, for weights of any format.
 *
 * The order of the sum is the same whatever is computed together: panels of PANEL columns one after the other; in a panel, its scale
 * blocks; in a block, four lanes that take every fourth column each.
 *
 * One token, `rows`: four rows at once, from the four quarters of the share, so that each is read as one long stream; rows that lie
 * side by side are short streams that start anew all the time, and the memory then delivers half as much. Several tokens, `tile`: a row
 * is decoded once for eight tokens, panel by panel, so that the inputs stay in the first-level cache.
 */
export const PANEL: i32 = 512;

/** a + Σ of sixteen columns. */
@inline
function add16<F>(
  a: v128, w: usize, x0: v128, x1: v128, x2: v128, x3: v128,
  nibble: v128, magnitude: v128, upper: v128, fix: v128, lower: v128,
): v128 {
  const code = codes<F>(w, nibble);
  const first = firstEight<F>(w, code, nibble, magnitude, upper, fix, lower), last = lastEight<F>(w, code, nibble, magnitude, upper, fix, lower);
  a = madd(four<F>(w, first, 0), x0, a);
  a = madd(four<F>(w, first, 1), x1, a);
  a = madd(four<F>(w, last, 2), x2, a);
  return madd(four<F>(w, last, 3), x3, a);
}

/** The same of the first `left` columns; of what lies after them nothing counts. */
function addSome<F>(a: v128, w: usize, x: usize, left: i32): v128 {
  const nibble = i8x16.splat(15), magnitude = i8x16.splat(127), upper = upperTable<F>(), fix = upperFix(), lower = lowerTable<F>();
  const code = codes<F>(w, nibble);
  const first = firstEight<F>(w, code, nibble, magnitude, upper, fix, lower), last = lastEight<F>(w, code, nibble, magnitude, upper, fix, lower);
  a = maddSome(four<F>(w, first, 0), v128.load(x), a, left);
  a = maddSome(four<F>(w, first, 1), v128.load(x, 16), a, left - 4);
  a = maddSome(four<F>(w, last, 2), v128.load(x, 32), a, left - 8);
  return maddSome(four<F>(w, last, 3), v128.load(x, 48), a, left - 12);
}

@inline
function maddSome(w: v128, x: v128, a: v128, left: i32): v128 {
  const mask = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left));
  return madd(v128.and(w, mask), v128.and(x, mask), a);
}

/** Scale of a block in all lanes, from a UE8M0 code or a float32; 1 if there are none. */
@inline
export function scaleAt(scale: usize, index: i32, scaleF32: bool): v128 {
  if (!scale) return f32x4.splat(1);
  return scaleF32 ? v128.load32_splat(scale + 4 * index) : f32x4.splat(powerOfTwo(load<u8>(scale + index)));
}

/** All products. `scale` 0: none. */
@inline
function matmul<F>(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  scale: usize, blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  for (; tokens > 2; tokens -= 8, y += 8 * yStride, x += 8 * xStride) {
    if (tokens > 4) tile<F, Eight>(y, yStride, x, xStride, min(tokens, 8), w, columns, begin, end, bf16, scale, blockRows, blockColumns, scaleF32);
    else tile<F, Four>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, scale, blockRows, blockColumns, scaleF32);
  }
  for (; tokens > 0; tokens--, y += yStride, x += xStride) rows<F>(y, x, w, columns, begin, end, bf16, scale, blockRows, blockColumns, scaleF32);
}

function rows<F>(
  y: usize, x: usize, w: usize, columns: i32, begin: i32, end: i32, bf16: bool, scale: usize, blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  const nibble = kept(i8x16.splat(15), columns), magnitude = kept(i8x16.splat(127), columns);
  const upper = kept(upperTable<F>(), columns), fix = kept(upperFix(), columns), lower = kept(lowerTable<F>(), columns);
  const pitch = bytesOf<F>(columns), across = <u32>(columns + blockColumns - 1) / <u32>blockColumns;
  const quarter = (end - begin + 3) >> 2;
  for (let o0 = begin; o0 < begin + quarter; o0++) {
    // Past the end the last row is computed again.
    const o1 = min(o0 + quarter, end - 1), o2 = min(o1 + quarter, end - 1), o3 = min(o2 + quarter, end - 1);
    let w0 = w + o0 * pitch, w1 = w + o1 * pitch, w2 = w + o2 * pitch, w3 = w + o3 * pitch;
    let s0 = <u32>o0 / <u32>blockRows * across, s1 = <u32>o1 / <u32>blockRows * across;
    let s2 = <u32>o2 / <u32>blockRows * across, s3 = <u32>o3 / <u32>blockRows * across;
    let sum = f32x4.splat(0), r0 = sum, r1 = sum, r2 = sum, r3 = sum;
    let blockEnd = min(blockColumns, columns), panelEnd = min(PANEL, columns);
    for (let c = 0, from = x; c < columns; ) {
      const stop = min(blockEnd, panelEnd);
      let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
      for (; c + 16 <= stop; c += 16) {
        const x0 = v128.load(from), x1 = v128.load(from, 16), x2 = v128.load(from, 32), x3 = v128.load(from, 48);
        a0 = add16<F>(a0, w0, x0, x1, x2, x3, nibble, magnitude, upper, fix, lower);
        a1 = add16<F>(a1, w1, x0, x1, x2, x3, nibble, magnitude, upper, fix, lower);
        a2 = add16<F>(a2, w2, x0, x1, x2, x3, nibble, magnitude, upper, fix, lower);
        a3 = add16<F>(a3, w3, x0, x1, x2, x3, nibble, magnitude, upper, fix, lower);
        w0 += bytesOf<F>(16), w1 += bytesOf<F>(16), w2 += bytesOf<F>(16), w3 += bytesOf<F>(16), from += 64;
      }
      const left = stop - c;
      if (left) {
        a0 = addSome<F>(a0, w0, from, left), a1 = addSome<F>(a1, w1, from, left);
        a2 = addSome<F>(a2, w2, from, left), a3 = addSome<F>(a3, w3, from, left);
        w0 += bytesOf<F>(left), w1 += bytesOf<F>(left), w2 += bytesOf<F>(left), w3 += bytesOf<F>(left), from += 4 * left;
        c = stop;
      }
      r0 = madd(a0, scaleAt(scale, s0, scaleF32), r0), r1 = madd(a1, scaleAt(scale, s1, scaleF32), r1);
      r2 = madd(a2, scaleAt(scale, s2, scaleF32), r2), r3 = madd(a3, scaleAt(scale, s3, scaleF32), r3);
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

/** At most N tokens. Those missing repeat the last. Between panels y holds the sums so far. */
function tile<F, N>(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  scale: usize, blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  const nibble = kept(i8x16.splat(15), columns), magnitude = kept(i8x16.splat(127), columns);
  const upper = kept(upperTable<F>(), columns), fix = kept(upperFix(), columns), lower = kept(lowerTable<F>(), columns);
  const pitch = bytesOf<F>(columns), across = <u32>(columns + blockColumns - 1) / <u32>blockColumns;
  const last = tokens - 1;
  for (let panel = 0; panel < columns; panel += PANEL) {
    const panelEnd = min(panel + PANEL, columns), firstBlock = <u32>panel / <u32>blockColumns;
    const from = x + 4 * panel, rounded = bf16 && panelEnd == columns;
    for (let o = begin; o < end; o++) {
      let at = w + o * pitch + bytesOf<F>(panel), block = <u32>o / <u32>blockRows * across + firstBlock;
      let x0 = from, x1 = from + min(1, last) * xStride, x2 = from + min(2, last) * xStride, x3 = from + min(3, last) * xStride;
      let x4 = from + min(4, last) * xStride, x5 = from + min(5, last) * xStride, x6 = from + min(6, last) * xStride, x7 = from + last * xStride;
      let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0;
      for (let c = panel, blockEnd = (<i32>firstBlock + 1) * blockColumns; c < panelEnd; blockEnd += blockColumns) {
        const stop = min(blockEnd, panelEnd);
        let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (; c + 16 <= stop; c += 16) {
          const code = codes<F>(at, nibble), first = firstEight<F>(at, code, nibble, magnitude, upper, fix, lower);
          const second = lastEight<F>(at, code, nibble, magnitude, upper, fix, lower);
          const w0 = four<F>(at, first, 0), w1 = four<F>(at, first, 1), w2 = four<F>(at, second, 2), w3 = four<F>(at, second, 3);
          a0 = dot16(a0, w0, w1, w2, w3, x0), a1 = dot16(a1, w0, w1, w2, w3, x1);
          a2 = dot16(a2, w0, w1, w2, w3, x2), a3 = dot16(a3, w0, w1, w2, w3, x3);
          x0 += 64, x1 += 64, x2 += 64, x3 += 64, at += bytesOf<F>(16);
          if (atLeast<N>(8)) {
            a4 = dot16(a4, w0, w1, w2, w3, x4), a5 = dot16(a5, w0, w1, w2, w3, x5);
            a6 = dot16(a6, w0, w1, w2, w3, x6), a7 = dot16(a7, w0, w1, w2, w3, x7);
            x4 += 64, x5 += 64, x6 += 64, x7 += 64;
          }
        }
        const left = stop - c, skip = 4 * left;
        if (left) {
          a0 = addSome<F>(a0, at, x0, left), a1 = addSome<F>(a1, at, x1, left);
          a2 = addSome<F>(a2, at, x2, left), a3 = addSome<F>(a3, at, x3, left);
          x0 += skip, x1 += skip, x2 += skip, x3 += skip;
          if (atLeast<N>(8)) {
            a4 = addSome<F>(a4, at, x4, left), a5 = addSome<F>(a5, at, x5, left);
            a6 = addSome<F>(a6, at, x6, left), a7 = addSome<F>(a7, at, x7, left);
            x4 += skip, x5 += skip, x6 += skip, x7 += skip;
          }
          at += bytesOf<F>(left), c = stop;
        }
        const s = scaleAt(scale, block++, scaleF32);
        r0 = madd(a0, s, r0), r1 = madd(a1, s, r1), r2 = madd(a2, s, r2), r3 = madd(a3, s, r3);
        if (atLeast<N>(8)) r4 = madd(a4, s, r4), r5 = madd(a5, s, r5), r6 = madd(a6, s, r6), r7 = madd(a7, s, r7);
      }
      accumulate(y + 4 * o, yStride, min(last, 3), sumEach(r0, r1, r2, r3), panel, rounded);
      if (atLeast<N>(8)) accumulate(y + 4 * o + 4 * yStride, yStride, last - 4, sumEach(r4, r5, r6, r7), panel, rounded);
    }
  }
}

@inline
function dot16(a: v128, w0: v128, w1: v128, w2: v128, w3: v128, x: usize): v128 {
  return madd(w3, v128.load(x, 48), madd(w2, v128.load(x, 32), madd(w1, v128.load(x, 16), madd(w0, v128.load(x), a))));
}

/** Adds a lane each to rows 0…last of y, at most four; in the first panel to nothing. */
@inline
export function accumulate(y: usize, yStride: usize, last: i32, v: v128, panel: i32, bf16: bool): void {
  const y1 = y + min(1, last) * yStride, y2 = y + min(2, last) * yStride, y3 = y + last * yStride;
  let sum = f32x4.splat(0);
  if (panel) sum = v128.load32_lane(y3, v128.load32_lane(y2, v128.load32_lane(y1, v128.load32_zero(y), 1), 2), 3);
  sum = activation(f32x4.add(sum, v), bf16);
  v128.store32_lane(y, sum, 0);
  v128.store32_lane(y1, sum, 1);
  v128.store32_lane(y2, sum, 2);
  v128.store32_lane(y3, sum, 3);
}

export function matmulF32(y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, columns: i32, begin: i32, end: i32, bf16: bool): void {
  matmul<F32>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, 0, 1, columns, false);
}

export function matmulBF16(y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, columns: i32, begin: i32, end: i32, bf16: bool): void {
  matmul<BF16>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, 0, 1, columns, false);
}

/** E4M3 weights in blocks of blockRows × blockColumns with UE8M0 or float32 scales. */
export function matmulFP8(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  matmul<E4M3>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, scale, blockRows, blockColumns, scaleF32);
}

/** Packed E2M1 weights with a UE8M0 scale per row and 32 columns. */
export function matmulFP4(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool,
): void {
  matmul<E2M1>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, scale, 1, 32, false);
}

/** INT8 weights with a float32 scale per row and `blockColumns` columns. */
export function matmulINT8(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  blockColumns: i32,
): void {
  matmul<INT8>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, scale, 1, blockColumns, true);
}
