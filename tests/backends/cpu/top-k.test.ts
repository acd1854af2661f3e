import assert from "node:assert/strict";
import { test } from "node:test";
import { largest } from "../../../src/backends/reference/attention.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { inBF16, normal } from "./numbers.ts";

/** NaN counts as less than −∞. */
const expected = (scores: Float32Array, k: number): number[] => {
  const order = Int32Array.from(scores.keys()).sort((a, b) => {
    const [x, y] = [scores[a]!, scores[b]!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    return x === y ? a - b : y > x ? 1 : -1;
  });
  return [...order.subarray(0, k).sort()];
};

const CASES: Record<string, Float32Array> = {
  "all different": normal(5001, 1),
  "many equal": inBF16(normal(5001, 2, 0.01)),
  "two values": normal(5001, 3).map((v) => (v > 1 ? 2 : 1)),
  "zeros of both signs, infinities, NaN": normal(999, 4).map((v, i) =>
    i % 7 === 0 ? Number.NaN : i % 7 === 1 ? -0 : i % 7 === 2 ? 0 : i % 100 === 3 ? Infinity : i % 100 === 4 ? -Infinity : v,
  ),
  one: Float32Array.of(3),
};

for (const variant of VARIANTS)
  for (const [name, scores] of Object.entries(CASES))
    test(`${variant}: topK, ${name}`, () => {
      const bank = new Bank(variant);
      const [at, scratch] = [bank.put(scores, 4), bank.take(bank.kernels.topKScratchBytes!())];
      for (const k of [1, 2, 511, 512, 700, 998, 999, 4999, 5001, 6000]) {
        const count = Math.min(k, scores.length);
        const out = bank.take(4 * count);
        assert.equal(bank.kernels.topK!(out, at, scores.length, k, scratch), count);
        const chosen = [...new Int32Array(bank.bytes(out, 4 * count).slice().buffer)];
        assert.deepEqual(chosen, expected(scores, k), `k = ${k}`);
        if (!scores.some(Number.isNaN)) assert.deepEqual(chosen, [...largest(Float64Array.from(scores), k)]);
        assert.ok(bank.untouched(out + 4 * count, 64));
      }
    });
