import { activation } from "./bf16";
import { exp } from "./exp";
import { loadLeft, madd, storeLeft, sumEach, sumHalves, sumPair } from "./floats";

/** Heads worked on together: their queries and results stay in the first cache while the rows pass by. */
const HEADS = 8;

/** Bytes of scratch for `rows` window and compressed rows together: their addresses, and for each head a sum and the scores. */
export function attendScratchBytes(rows: i32): i32 {
  return (wholeFours(rows) * (1 + HEADS) + HEADS) * 4;
}

/**
 * One query row, heads [headBegin, headEnd): s_i = scale · q_h · v_i, o_h = Σ e^(s_i) v_i / (Σ e^(s_i) + e^sink_h) over the window rows and
 * `entryRows` compressed rows, the first ones or (indices not 0) those of an int32 list; rows are `width` floats one after another.
 * `bf16Probabilities` rounds e^(s_i - max) where it multiplies v_i, not in the sum. Rows go by in fours, heads in pairs; the last row or
 * head stands in for what is missing, with probability 0 or as its own twin.
 */
export function attend(
  out: usize, q: usize, window: usize, windowRows: i32, entries: usize, entryRows: i32, indices: usize, sink: usize,
  scaleFactor: f32, width: i32, headBegin: i32, headEnd: i32, scratch: usize, bf16Probabilities: bool, bf16: bool,
): void {
  const rows = windowRows + entryRows;
  const padded = wholeFours(rows);
  const pitch = <usize>width * 4;
  const totals = scratch + padded * 4;
  const scores = totals + HEADS * 4;
  listRows(scratch, window, windowRows, entries, entryRows, indices, pitch, padded);
  for (let first = headBegin; first < headEnd; first += HEADS) {
    const count = min(HEADS, headEnd - first);
    const queries = q + first * pitch;
    const results = out + first * pitch;
    for (let r = 0; r < padded; r += 4)
      for (let h = 0; h < count; h += 2) {
        const twin = min(h + 1, count - 1);
        const a = scores + (h * padded + r) * 4;
        const b = scores + (twin * padded + r) * 4;
        dots(a, b, queries + h * pitch, queries + twin * pitch, scratch + r * 4, width, scaleFactor);
      }
    for (let h = 0; h < count; h++)
      f32.store(totals + h * 4, softmax(scores + h * padded * 4, rows, padded, f32.load(sink + (first + h) * 4), bf16Probabilities));
    memory.fill(results, 0, count * pitch);
    for (let r = 0; r < padded; r += 4)
      for (let h = 0; h < count; h += 2) {
        const twin = min(h + 1, count - 1);
        const a = scores + (h * padded + r) * 4;
        const b = scores + (twin * padded + r) * 4;
        addRows(results + h * pitch, results + twin * pitch, a, b, scratch + r * 4, width);
      }
    for (let h = 0; h < count; h++) divide(results + h * pitch, f32.load(totals + h * 4), pitch, bf16);
  }
}

@inline
function wholeFours(n: i32): i32 {
  return (n + 3) & ~3;
}

/** The address of every row, the last one repeated. */
function listRows(
  list: usize, window: usize, windowRows: i32, entries: usize, entryRows: i32, indices: usize, pitch: usize, padded: i32,
): void {
  for (let r = 0; r < windowRows; r++) store<usize>(list + r * 4, window + r * pitch);
  const chosen = list + windowRows * 4;
  for (let r = 0; r < entryRows; r++) store<usize>(chosen + r * 4, entries + (indices ? load<u32>(indices + r * 4) : r) * pitch);
  for (let r = windowRows + entryRows; r < padded; r++) store<usize>(list + r * 4, load<usize>(list + r * 4 - 4));
}

/** Scores of four rows for two heads. */
function dots(a: usize, b: usize, qa: usize, qb: usize, rows: usize, width: i32, scale: f32): void {
  let r0 = load<usize>(rows), r1 = load<usize>(rows, 4), r2 = load<usize>(rows, 8), r3 = load<usize>(rows, 12);
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  let left = width;
  for (; left >= 4; left -= 4) {
    let va = v128.load(qa), vb = v128.load(qb), v = v128.load(r0);
    a0 = madd(va, v, a0);
    b0 = madd(vb, v, b0);
    v = v128.load(r1);
    a1 = madd(va, v, a1);
    b1 = madd(vb, v, b1);
    v = v128.load(r2);
    a2 = madd(va, v, a2);
    b2 = madd(vb, v, b2);
    v = v128.load(r3);
    a3 = madd(va, v, a3);
    b3 = madd(vb, v, b3);
    (qa += 16), (qb += 16), (r0 += 16), (r1 += 16), (r2 += 16), (r3 += 16);
  }
  if (left) {
    const va = loadLeft(qa, left), vb = loadLeft(qb, left);
    const v0 = loadLeft(r0, left), v1 = loadLeft(r1, left), v2 = loadLeft(r2, left), v3 = loadLeft(r3, left);
    (a0 = madd(va, v0, a0)), (a1 = madd(va, v1, a1)), (a2 = madd(va, v2, a2)), (a3 = madd(va, v3, a3));
    (b0 = madd(vb, v0, b0)), (b1 = madd(vb, v1, b1)), (b2 = madd(vb, v2, b2)), (b3 = madd(vb, v3, b3));
  }
  v128.store(a, f32x4.mul(sumEach(a0, a1, a2, a3), f32x4.splat(scale)));
  v128.store(b, f32x4.mul(sumEach(b0, b1, b2, b3), f32x4.splat(scale)));
}

/** Turns scores into e^(score - max), rounded if asked; returns the unrounded sum, e^(sink - max) in it. The maximum leaves the sink out. */
function softmax(scores: usize, rows: i32, padded: i32, sink: f32, rounded: bool): f32 {
  for (let r = rows; r < padded; r++) f32.store(scores + r * 4, -Infinity);
  let m = f32x4.splat(-Infinity);
  for (let r = 0; r < padded; r += 4) m = f32x4.max(m, v128.load(scores + r * 4));
  m = f32x4.max(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  m = f32x4.max(m, v128.shuffle<f32>(m, m, 1, 0, 3, 2));
  let sum = f64x2.splat(0);
  for (let r = 0; r < padded; r += 4) {
    const e = exp(f32x4.sub(v128.load(scores + r * 4), m));
    v128.store(scores + r * 4, activation(e, rounded));
    sum = f64x2.add(sum, sumHalves(e));
  }
  return <f32>(sumPair(sum) + <f64>f32x4.extract_lane(exp(f32x4.sub(f32x4.splat(sink), m)), 0));
}

/** Adds four rows, each times its probability, to two heads. */
function addRows(a: usize, b: usize, pa: usize, pb: usize, rows: usize, width: i32): void {
  let r0 = load<usize>(rows), r1 = load<usize>(rows, 4), r2 = load<usize>(rows, 8), r3 = load<usize>(rows, 12);
  const a0 = v128.load32_splat(pa), a1 = v128.load32_splat(pa, 4), a2 = v128.load32_splat(pa, 8), a3 = v128.load32_splat(pa, 12);
  const b0 = v128.load32_splat(pb), b1 = v128.load32_splat(pb, 4), b2 = v128.load32_splat(pb, 8), b3 = v128.load32_splat(pb, 12);
  let left = width;
  for (; left >= 4; left -= 4) {
    let sa = v128.load(a), sb = v128.load(b), v = v128.load(r0);
    sa = madd(a0, v, sa);
    sb = madd(b0, v, sb);
    v = v128.load(r1);
    sa = madd(a1, v, sa);
    sb = madd(b1, v, sb);
    v = v128.load(r2);
    sa = madd(a2, v, sa);
    sb = madd(b2, v, sb);
    v = v128.load(r3);
    sa = madd(a3, v, sa);
    sb = madd(b3, v, sb);
    v128.store(a, sa);
    v128.store(b, sb);
    (a += 16), (b += 16), (r0 += 16), (r1 += 16), (r2 += 16), (r3 += 16);
  }
  if (left) {
    const v0 = v128.load(r0), v1 = v128.load(r1), v2 = v128.load(r2), v3 = v128.load(r3);
    const sa = madd(a3, v3, madd(a2, v2, madd(a1, v1, madd(a0, v0, v128.load(a)))));
    const sb = madd(b3, v3, madd(b2, v2, madd(b1, v1, madd(b0, v0, v128.load(b)))));
    storeLeft(a, sa, left);
    storeLeft(b, sb, left);
  }
}

function divide(y: usize, by: f32, pitch: usize, bf16: bool): void {
  for (let c: usize = 0; c < pitch; c += 16)
    storeLeft(y + c, activation(f32x4.div(v128.load(y + c), f32x4.splat(by)), bf16), <i32>((pitch - c) >> 2));
}
