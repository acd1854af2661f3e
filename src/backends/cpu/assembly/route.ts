import { softplus } from "./exp";

/**
 * Experts of rows [begin, end): the `perToken` largest √softplus(logit) + bias, ties to the lower one; the bias selects but does not weigh.
 * ids [perToken] int32 ascending, weights [perToken] float32. Scores are float64 throughout; NaN counts as −∞.
 * @param scratch `experts` doubles
 */
export function routeByScore(
  ids: usize, weights: usize, logits: usize, bias: usize, begin: i32, end: i32, experts: i32, perToken: i32, scale: f64, scratch: usize,
): void {
  for (let row = begin; row < end; row++) {
    const from = logits + <usize>row * experts * 4;
    const to = ids + <usize>row * perToken * 4;
    for (let e = 0; e < experts; e++) {
      const score = sqrtSoftplus(f32.load(from + e * 4)) + <f64>f32.load(bias + e * 4);
      f64.store(scratch + e * 8, score == score ? score : -Infinity);
    }
    let last: f64 = Infinity;
    let lastAt = -1;
    for (let k = 0; k < perToken; k++) {
      // The best of those that come after the last one chosen in the order by falling score, then rising index.
      let best: f64 = -Infinity;
      let bestAt = -1;
      for (let e = 0; e < experts; e++) {
        const score = f64.load(scratch + e * 8);
        if ((score > best || bestAt < 0) && (score < last || (score == last && e > lastAt))) {
          best = score;
          bestAt = e;
        }
      }
      insert(to, k, bestAt);
      last = best;
      lastAt = bestAt;
    }
    weigh(weights + <usize>row * perToken * 4, to, from, perToken, scale);
  }
}

/** Experts of rows [begin, end) from row tokens[row] of an int32 table [vocabulary, perToken]. */
export function routeByToken(
  ids: usize, weights: usize, logits: usize, table: usize, tokens: usize, begin: i32, end: i32, experts: i32, perToken: i32, scale: f64,
): void {
  for (let row = begin; row < end; row++) {
    const from = table + <usize>load<u32>(tokens + row * 4) * perToken * 4;
    const to = ids + <usize>row * perToken * 4;
    for (let k = 0; k < perToken; k++) insert(to, k, load<i32>(from + k * 4));
    weigh(weights + <usize>row * perToken * 4, to, logits + <usize>row * experts * 4, perToken, scale);
  }
}

@inline
function sqrtSoftplus(logit: f32): f64 {
  return sqrt(softplus(<f64>logit));
}

/** Puts `id` in its place among `count` ascending ones. */
function insert(ids: usize, count: i32, id: i32): void {
  for (; count > 0 && load<i32>(ids + (count - 1) * 4) > id; count--) store<i32>(ids + count * 4, load<i32>(ids + (count - 1) * 4));
  store<i32>(ids + count * 4, id);
}

function weigh(weights: usize, ids: usize, logits: usize, count: i32, scale: f64): void {
  let total: f64 = 0;
  for (let k = 0; k < count; k++) total += sqrtSoftplus(f32.load(logits + load<u32>(ids + k * 4) * 4));
  for (let k = 0; k < count; k++)
    f32.store(weights + k * 4, <f32>((scale * sqrtSoftplus(f32.load(logits + load<u32>(ids + k * 4) * 4))) / total));
}
