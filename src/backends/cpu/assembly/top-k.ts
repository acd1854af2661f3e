/**
 * Selection without sorting: floats become unsigned keys in the same order, the smallest key taken is found digit by digit from the top
 * (11, 11 and 10 bits) by counting, and one pass in index order collects. NaN has key 0, below −∞; −0 counts as 0.
 */
const DIGIT = 11;

/** Bytes of scratch. */
export function topKScratchBytes(): i32 {
  return 4 << DIGIT;
}

/** Indices (int32, ascending) of the min(k, count) largest of `count` floats; ties go to the lower index. Returns how many. */
export function topK(indices: usize, scores: usize, count: i32, k: i32, scratch: usize): i32 {
  const taken = min(k, count);
  if (taken < 1) return 0;
  let smallest: u32 = 0;
  let wanted = taken;
  for (let top = 32; top > 0; ) {
    const shift = max(top - DIGIT, 0);
    const bins = 1 << (top - shift);
    memory.fill(scratch, 0, bins * 4);
    tally(scratch, scores, count, top < 32 ? <u32>-1 << top : 0, smallest, shift, bins - 1);
    let bin = bins - 1;
    for (; load<i32>(scratch + bin * 4) < wanted; bin--) wanted -= load<i32>(scratch + bin * 4);
    smallest |= bin << shift;
    top = shift;
  }
  collect(indices, scores, count, smallest, wanted);
  return taken;
}

/** Four floats as keys. */
@inline
function keys(scores: usize): v128 {
  const v = f32x4.add(v128.load(scores), f32x4.splat(0));
  const key = v128.xor(v, v128.or(i32x4.shr_s(v, 31), i32x4.splat(0x80000000)));
  return v128.and(key, f32x4.eq(v, v));
}

/** One bit for each of four lanes that hold one of `left` elements. */
@inline
function present(left: i32): i32 {
  return left < 4 ? (1 << left) - 1 : 15;
}

/** Counts the digit at `shift` of the keys whose bits under `mask` are `prefix`. */
function tally(bins: usize, scores: usize, count: i32, mask: i32, prefix: i32, shift: i32, digit: u32): void {
  for (let i = 0; i < count; i += 4) {
    const key = keys(scores + i * 4);
    const hits = i32x4.bitmask(i32x4.eq(v128.and(key, i32x4.splat(mask)), i32x4.splat(prefix))) & present(count - i);
    if (!hits) continue;
    const at = v128.and(i32x4.shr_u(key, shift), i32x4.splat(digit));
    if (hits & 1) increment(bins + i32x4.extract_lane(at, 0) * 4);
    if (hits & 2) increment(bins + i32x4.extract_lane(at, 1) * 4);
    if (hits & 4) increment(bins + i32x4.extract_lane(at, 2) * 4);
    if (hits & 8) increment(bins + i32x4.extract_lane(at, 3) * 4);
  }
}

@inline
function increment(at: usize): void {
  store<i32>(at, load<i32>(at) + 1);
}

/** Indices of the keys above `smallest` and of the first `equal` that are as large. */
function collect(indices: usize, scores: usize, count: i32, smallest: u32, equal: i32): void {
  for (let i = 0; i < count; i += 4) {
    const key = keys(scores + i * 4);
    const here = present(count - i);
    const above = i32x4.bitmask(i32x4.gt_u(key, i32x4.splat(smallest))) & here;
    const same = i32x4.bitmask(i32x4.eq(key, i32x4.splat(smallest))) & here;
    for (let hits = above | same; hits; hits &= hits - 1) {
      const lane = ctz(hits);
      if (((same >> lane) & 1) && --equal < 0) continue;
      store<i32>(indices, i + lane);
      indices += 4;
    }
  }
}
