import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_FORMATS, roundBF16, roundTrip } from "../../../src/formats/index.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { close, inBF16, normal, same, shared } from "./numbers.ts";

const exact = (v: number) => v;

/** The sums of reference/attention.ts before the selection. */
function expectedScores(q: Float32Array, weights: Float32Array, keys: Float32Array, width: number, round: (v: number) => number) {
  const scores = new Float64Array(keys.length / width);
  for (let w = 0; w < scores.length; w++) {
    for (let h = 0; h < weights.length; h++) {
      let dot = 0;
      for (let c = 0; c < width; c++) dot += q[h * width + c]! * keys[w * width + c]!;
      scores[w]! += round(Math.max(round(dot), 0) * weights[h]!);
    }
    scores[w] = round(scores[w]!);
  }
  return scores;
}

const SHAPES = [
  [5, 64, 23],
  [64, 128, 37],
  [1, 32, 9],
] as const;

for (const variant of VARIANTS) {
  for (const [heads, width, entries] of [...SHAPES, [3, 33, 11]] as const)
    test(`${variant}: indexScores of ${heads} heads of ${width}, within 1e-6; in BF16 within one step of rounding`, () => {
      const bank = new Bank(variant);
      const [q, weights, keys] = [normal(heads * width, 1), normal(heads, 2), normal(entries * width, 3)];
      const [qs, ws, ks] = [bank.put(q), bank.put(weights), bank.put(keys)];
      const run = (bf16: number) =>
        shared(bank, entries, entries, (out, begin, end) => bank.kernels.indexScores!(out, qs, ws, ks, begin, end, heads, width, bf16));
      close(run(0), expectedScores(q, weights, keys, width, exact), 1e-6);
      close(run(1), expectedScores(q, weights, keys, width, roundBF16), 2 ** -8);
    });

  for (const [heads, width, entries] of SHAPES) {
    const q = normal(heads * width, 4);
    const keys = normal(entries * width, 5);
    for (const [x, rows] of [
      [q, heads],
      [keys, entries],
    ] as const)
      roundTrip(BLOCK_FORMATS["deepseek-fp4"], x, rows, width);
    const weights = inBF16(normal(heads, 6));

    test(`${variant}: indexScoresFP4 of ${heads} heads of ${width}; in BF16 the very scores of the reference`, () => {
      const bank = new Bank(variant);
      const { packFP4Rows, packFP4Queries, packedFP4Bytes, packedFP4QueryBytes, indexScoresFP4 } = bank.kernels;
      const [qs, ks] = [bank.put(q), bank.put(keys)];
      const [packedQ, packedK] = [bank.take(packedFP4QueryBytes!(heads, width)), bank.take(entries * packedFP4Bytes!(width))];
      packFP4Queries!(packedQ, qs, 0, 1, heads, width);
      packFP4Rows!(packedK, ks, 0, 3, width);
      packFP4Rows!(packedK, ks, 3, entries, width);
      assert.ok(bank.untouched(packedQ + packedFP4QueryBytes!(heads, width), 64));
      assert.ok(bank.untouched(packedK + entries * packedFP4Bytes!(width), 64));
      const ws = bank.put(weights);
      const run = (bf16: number) =>
        shared(bank, entries, entries, (out, begin, end) => indexScoresFP4!(out, packedQ, ws, packedK, begin, end, heads, width, bf16));
      close(run(0), expectedScores(q, weights, keys, width, exact), 1e-7);
      same(run(1), Float32Array.from(expectedScores(q, weights, keys, width, roundBF16)));
    });
  }

  test(`${variant}: indexScoresFP4 of blocks with nothing, only threes, or NaN in them`, () => {
    const bank = new Bank(variant);
    const [width, entries] = [64, 4];
    const q = normal(width, 7);
    roundTrip(BLOCK_FORMATS["deepseek-fp4"], q, 1, width);
    const keys = new Float32Array(entries * width);
    keys.fill(3 * 2 ** -20, 0, 32);
    keys.fill(-3, 32, 64);
    keys.set([6 * 2 ** 100, 0.5 * 2 ** 100, -1.5 * 2 ** 100], width);
    keys.fill(Number.NaN, 3 * width + 32, 4 * width);
    const { packFP4Rows, packFP4Queries, packedFP4Bytes, packedFP4QueryBytes, indexScoresFP4 } = bank.kernels;
    const [packedQ, packedK] = [bank.take(packedFP4QueryBytes!(1, width)), bank.take(entries * packedFP4Bytes!(width))];
    packFP4Queries!(packedQ, bank.put(q), 0, 1, 1, width);
    packFP4Rows!(packedK, bank.put(keys), 0, entries, width);
    for (const sign of [1, -1]) {
      const [weights, out] = [Float32Array.of(sign), bank.take(4 * entries)];
      indexScoresFP4!(out, packedQ, bank.put(weights), packedK, 0, entries, 1, width, 1);
      same(bank.floats(out, entries), Float32Array.from(expectedScores(q, weights, keys, width, roundBF16)));
    }
  });
}
