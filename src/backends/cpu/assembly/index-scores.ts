import { activation, roundBF16Scalar } from "./bf16";
import { high, loadLeft, low, madd, sumEach } from "./floats";

/**
 * out[w] = Σ_h relu(q_h · k_w) · weight_h of one query row for entries [begin, end); q: `heads` rows, keys: rows of `width` floats.
 * `bf16` rounds each dot product, each term and the sum. Four entries by two heads at a time (the last
 * one stands in for what is missing, with weight 0); sums over heads are float64.
 */
export function indexScores(
  out: usize, q: usize, weights: usize, keys: usize, begin: i32, end: i32, heads: i32, width: i32, bf16: bool,
): void {
  const pitch = <usize>width * 4;
  for (let w = begin; w < end; w += 4) {
    const last = end - 1;
    let s01 = f64x2.splat(0), s23 = s01;
    for (let h = 0; h < heads; h += 2) {
      let qa = q + h * pitch, qb = q + min(h + 1, heads - 1) * pitch;
      let k0 = keys + w * pitch, k1 = keys + min(w + 1, last) * pitch;
      let k2 = keys + min(w + 2, last) * pitch, k3 = keys + min(w + 3, last) * pitch;
      let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      let left = width;
      for (; left >= 4; left -= 4) {
        const va = v128.load(qa), vb = v128.load(qb);
        let k = v128.load(k0);
        a0 = madd(va, k, a0);
        b0 = madd(vb, k, b0);
        k = v128.load(k1);
        a1 = madd(va, k, a1);
        b1 = madd(vb, k, b1);
        k = v128.load(k2);
        a2 = madd(va, k, a2);
        b2 = madd(vb, k, b2);
        k = v128.load(k3);
        a3 = madd(va, k, a3);
        b3 = madd(vb, k, b3);
        (qa += 16), (qb += 16), (k0 += 16), (k1 += 16), (k2 += 16), (k3 += 16);
      }
      if (left) {
        const va = loadLeft(qa, left), vb = loadLeft(qb, left);
        const v0 = loadLeft(k0, left), v1 = loadLeft(k1, left), v2 = loadLeft(k2, left), v3 = loadLeft(k3, left);
        (a0 = madd(va, v0, a0)), (a1 = madd(va, v1, a1)), (a2 = madd(va, v2, a2)), (a3 = madd(va, v3, a3));
        (b0 = madd(vb, v0, b0)), (b1 = madd(vb, v1, b1)), (b2 = madd(vb, v2, b2)), (b3 = madd(vb, v3, b3));
      }
      const pair = loadLeft(weights + h * 4, heads - h);
      const ta = term(sumEach(a0, a1, a2, a3), v128.shuffle<f32>(pair, pair, 0, 0, 0, 0), bf16);
      const tb = term(sumEach(b0, b1, b2, b3), v128.shuffle<f32>(pair, pair, 1, 1, 1, 1), bf16);
      s01 = f64x2.add(s01, f64x2.add(low(ta), low(tb)));
      s23 = f64x2.add(s23, f64x2.add(high(ta), high(tb)));
    }
    storeScores(out + w * 4, s01, s23, end - w, bf16);
  }
}

@inline
export function term(dot: v128, weight: v128, bf16: bool): v128 {
  const positive = f32x4.pmax(activation(dot, bf16), f32x4.splat(0));
  return activation(f32x4.mul(positive, weight), bf16);
}

export function storeScores(out: usize, sum01: v128, sum23: v128, left: i32, bf16: bool): void {
  storeScore(out, f64x2.extract_lane(sum01, 0), bf16);
  if (left > 1) storeScore(out + 4, f64x2.extract_lane(sum01, 1), bf16);
  if (left > 2) storeScore(out + 8, f64x2.extract_lane(sum23, 0), bf16);
  if (left > 3) storeScore(out + 12, f64x2.extract_lane(sum23, 1), bf16);
}

@inline
function storeScore(at: usize, sum: f64, bf16: bool): void {
  f32.store(at, <f32>(bf16 ? roundBF16Scalar(sum) : sum));
}
