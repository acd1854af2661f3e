import { activation } from "./bf16";
import { powerOfTwo } from "./lanes";
import { BF16, bytesOf, codes, E2M1, E4M3, F32, floatsHigh, floatsLow, INT8, lower, upper } from "./matmul-decode";
import { madd, storeLeft, sumEach } from "./floats";

/**
 * y[t, o] = Σ_c W[o, c] · x[t, c] in float32, for weights of any format.
 *
 * The order of the sum is the same whatever is computed together: panels of `PANEL` columns one after the other; in a panel, its scale
 * blocks; in a block, four lanes that take every fourth column each. Panels bound what a tile of tokens needs of the cache.
 */
const PANEL: i32 = 1024;
/** Tokens that share one decoding of the weights. */
const TILE: i32 = 8;

/** Four lanes of weights or inputs, those zeroed whose column, first…first+3, is not below `left`. */
@inline
function keep(v: v128, first: i32, left: i32): v128 {
  return v128.and(v, i32x4.lt_s(i32x4(first, first + 1, first + 2, first + 3), i32x4.splat(left)));
}

/** Inputs 4k…4k+3 of sixteen. */
@inline
function inputs(x: usize, k: i32, left: i32): v128 {
  const v = v128.load(x + 16 * k);
  return left < 16 ? keep(v, 4 * k, left) : v;
}

/** Weights 4k…4k+3 of sixteen. `l` and `u` hold the sixteen, except for F32. */
@inline
function weights<F>(w: usize, l: v128, u: v128, k: i32, left: i32): v128 {
  const pair = k < 2 ? l : u;
  const v = sizeof<F>() == 4 ? v128.load(w + 16 * k) : k & 1 ? floatsHigh<F>(pair) : floatsLow<F>(pair);
  return left < 16 ? keep(v, 4 * k, left) : v;
}

/** a + Σ of sixteen columns; `left` of them count. */
@inline
function add16<F>(a: v128, w: usize, x0: v128, x1: v128, x2: v128, x3: v128, left: i32): v128 {
  const code = codes<F>(w);
  const l = lower<F>(w, code), u = upper<F>(w, code);
  a = madd(weights<F>(w, l, u, 0, left), x0, a);
  a = madd(weights<F>(w, l, u, 1, left), x1, a);
  a = madd(weights<F>(w, l, u, 2, left), x2, a);
  return madd(weights<F>(w, l, u, 3, left), x3, a);
}

/** Where a row of weights and of scales starts, and how a matrix is cut into scale blocks. One block, as high and wide as the matrix: no scales. */
@inline
function scaleAt(scale: usize, index: i32, scaleF32: bool): v128 {
  return scaleF32 ? v128.load32_splat(scale + 4 * index) : f32x4.splat(powerOfTwo(load<u8>(scale + index)));
}

@inline
function matmul<F>(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  scale: usize, blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  const tiled = tokens - (tokens % TILE);
  for (let t = 0; t < tiled; t += TILE)
    tile<F>(y + t * yStride, yStride, x + t * xStride, xStride, w, columns, begin, end, bf16, scale, blockRows, blockColumns, scaleF32);
  for (let o = begin; o < end; o += 4)
    for (let t = tiled; t < tokens; t++)
      rows<F>(y + t * yStride, x + t * xStride, w, columns, o, end, bf16, scale, blockRows, blockColumns, scaleF32);
}

/** Outputs o…o+3, as far as they lie before `end`, of one token. Rows past the end repeat the last. */
function rows<F>(
  y: usize, x: usize, w: usize, columns: i32, o: i32, end: i32, bf16: bool, scale: usize, blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  const pitch = bytesOf<F>(columns);
  const o1 = min(o + 1, end - 1), o2 = min(o + 2, end - 1), o3 = min(o + 3, end - 1);
  const w0 = w + o * pitch, w1 = w + o1 * pitch, w2 = w + o2 * pitch, w3 = w + o3 * pitch;
  const across = (columns + blockColumns - 1) / blockColumns;
  const s0 = o / blockRows * across, s1 = o1 / blockRows * across, s2 = o2 / blockRows * across, s3 = o3 / blockRows * across;
  let sum = f32x4.splat(0);
  for (let panel = 0; panel < columns; panel += PANEL) {
    const panelEnd = min(panel + PANEL, columns);
    let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0;
    for (let c = panel; c < panelEnd; ) {
      const block = c / blockColumns;
      const blockEnd = min((block + 1) * blockColumns, panelEnd);
      let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
      for (; c + 16 <= blockEnd; c += 16) {
        const from = x + 4 * c, at = bytesOf<F>(c);
        const x0 = v128.load(from), x1 = v128.load(from, 16), x2 = v128.load(from, 32), x3 = v128.load(from, 48);
        a0 = add16<F>(a0, w0 + at, x0, x1, x2, x3, 16);
        a1 = add16<F>(a1, w1 + at, x0, x1, x2, x3, 16);
        a2 = add16<F>(a2, w2 + at, x0, x1, x2, x3, 16);
        a3 = add16<F>(a3, w3 + at, x0, x1, x2, x3, 16);
      }
      if (c < blockEnd) {
        const from = x + 4 * c, at = bytesOf<F>(c), left = blockEnd - c;
        const x0 = inputs(from, 0, left), x1 = inputs(from, 1, left), x2 = inputs(from, 2, left), x3 = inputs(from, 3, left);
        a0 = add16<F>(a0, w0 + at, x0, x1, x2, x3, left);
        a1 = add16<F>(a1, w1 + at, x0, x1, x2, x3, left);
        a2 = add16<F>(a2, w2 + at, x0, x1, x2, x3, left);
        a3 = add16<F>(a3, w3 + at, x0, x1, x2, x3, left);
        c = blockEnd;
      }
      if (scale) {
        r0 = madd(a0, scaleAt(scale, s0 + block, scaleF32), r0);
        r1 = madd(a1, scaleAt(scale, s1 + block, scaleF32), r1);
        r2 = madd(a2, scaleAt(scale, s2 + block, scaleF32), r2);
        r3 = madd(a3, scaleAt(scale, s3 + block, scaleF32), r3);
      } else (r0 = a0), (r1 = a1), (r2 = a2), (r3 = a3);
    }
    sum = f32x4.add(sum, sumEach(r0, r1, r2, r3));
  }
  storeLeft(y + 4 * o, activation(sum, bf16), end - o);
}

/** All outputs of eight tokens. Until its last panel y holds the sums so far. */
function tile<F>(
  y: usize, yStride: usize, x: usize, xStride: usize, w: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  scale: usize, blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  const pitch = bytesOf<F>(columns);
  const across = (columns + blockColumns - 1) / blockColumns;
  for (let panel = 0; panel < columns; panel += PANEL) {
    const panelEnd = min(panel + PANEL, columns);
    for (let o = begin; o < end; o++) {
      const row = w + o * pitch, scaleRow = o / blockRows * across;
      let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0;
      for (let c = panel; c < panelEnd; ) {
        const block = c / blockColumns;
        const blockEnd = min((block + 1) * blockColumns, panelEnd);
        let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (; c < blockEnd; c += 16) {
          const left = min(blockEnd - c, 16);
          let from = x + 4 * c;
          const at = row + bytesOf<F>(c);
          const code = codes<F>(at);
          const l = lower<F>(at, code), u = upper<F>(at, code);
          const w0 = weights<F>(at, l, u, 0, left), w1 = weights<F>(at, l, u, 1, left);
          const w2 = weights<F>(at, l, u, 2, left), w3 = weights<F>(at, l, u, 3, left);
          a0 = dot16(a0, w0, w1, w2, w3, from, left), (from += xStride);
          a1 = dot16(a1, w0, w1, w2, w3, from, left), (from += xStride);
          a2 = dot16(a2, w0, w1, w2, w3, from, left), (from += xStride);
          a3 = dot16(a3, w0, w1, w2, w3, from, left), (from += xStride);
          a4 = dot16(a4, w0, w1, w2, w3, from, left), (from += xStride);
          a5 = dot16(a5, w0, w1, w2, w3, from, left), (from += xStride);
          a6 = dot16(a6, w0, w1, w2, w3, from, left), (from += xStride);
          a7 = dot16(a7, w0, w1, w2, w3, from, left);
        }
        c = blockEnd;
        if (scale) {
          const s = scaleAt(scale, scaleRow + block, scaleF32);
          (r0 = madd(a0, s, r0)), (r1 = madd(a1, s, r1)), (r2 = madd(a2, s, r2)), (r3 = madd(a3, s, r3));
          (r4 = madd(a4, s, r4)), (r5 = madd(a5, s, r5)), (r6 = madd(a6, s, r6)), (r7 = madd(a7, s, r7));
        } else (r0 = a0), (r1 = a1), (r2 = a2), (r3 = a3), (r4 = a4), (r5 = a5), (r6 = a6), (r7 = a7);
      }
      const to = y + 4 * o;
      const last = panelEnd == columns && bf16;
      accumulate(to, yStride, sumEach(r0, r1, r2, r3), panel, last);
      accumulate(to + 4 * yStride, yStride, sumEach(r4, r5, r6, r7), panel, last);
    }
  }
}

@inline
function dot16(a: v128, w0: v128, w1: v128, w2: v128, w3: v128, x: usize, left: i32): v128 {
  a = madd(w0, inputs(x, 0, left), a);
  a = madd(w1, inputs(x, 1, left), a);
  a = madd(w2, inputs(x, 2, left), a);
  return madd(w3, inputs(x, 3, left), a);
}

/** Adds one number to each of four rows of y, after the first panel to what is there. */
@inline
function accumulate(y: usize, yStride: usize, v: v128, panel: i32, bf16: bool): void {
  let sum = f32x4.splat(0);
  if (panel) {
    sum = v128.load32_zero(y);
    sum = v128.load32_lane(y + yStride, sum, 1);
    sum = v128.load32_lane(y + 2 * yStride, sum, 2);
    sum = v128.load32_lane(y + 3 * yStride, sum, 3);
  }
  sum = activation(f32x4.add(sum, v), bf16);
  v128.store32_lane(y, sum, 0);
  v128.store32_lane(y + yStride, sum, 1);
  v128.store32_lane(y + 2 * yStride, sum, 2);
  v128.store32_lane(y + 3 * yStride, sum, 3);
}

export function matmulF32(y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, columns: i32, begin: i32, end: i32, bf16: bool): void {
  matmul<F32>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, 0, end, columns, false);
}

export function matmulBF16(y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, columns: i32, begin: i32, end: i32, bf16: bool): void {
  matmul<BF16>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, 0, end, columns, false);
}

export function matmulFP8(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  blockRows: i32, blockColumns: i32, scaleF32: bool,
): void {
  matmul<E4M3>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, scale, blockRows, blockColumns, scaleF32);
}

export function matmulFP4(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool,
): void {
  matmul<E2M1>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, scale, 1, 32, false);
}

export function matmulINT8(
  y: usize, yStride: usize, x: usize, xStride: usize, tokens: i32, w: usize, scale: usize, columns: i32, begin: i32, end: i32, bf16: bool,
  blockColumns: i32,
): void {
  matmul<INT8>(y, yStride, x, xStride, tokens, w, columns, begin, end, bf16, scale, 1, blockColumns, true);
}
