import assert from "node:assert/strict";
import { test } from "node:test";
import { routeByScore, routeByToken } from "../../../src/backends/reference/router.ts";
import type { Routing } from "../../../src/backends/reference/values.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { normal, values } from "./numbers.ts";

const [ROWS, EXPERTS, PER_TOKEN, SCALE] = [40, 37, 6, 2.5];

/** Logits of all magnitudes, many of them equal. */
const logits = normal(ROWS * EXPERTS, 1, 3).map((v, i) => (i < 20 * EXPERTS ? v : Math.round(v) * 10));
const bias = normal(EXPERTS, 2, 0.1).map((v, e) => (e % 3 ? 0 : v));

function agrees(bank: Bank, ids: number, weights: number, expected: Routing): void {
  const count = ROWS * PER_TOKEN;
  const chosen = new Int32Array(bank.bytes(ids, 4 * count).slice().buffer);
  assert.deepEqual([...chosen], [...expected.ids]);
  for (const [i, w] of bank.floats(weights, count).entries())
    assert.ok(Math.abs(w - expected.weights[i]!) <= 1e-7 * expected.weights[i]!, `${w}, expected ${expected.weights[i]}`);
}

for (const variant of VARIANTS) {
  test(`${variant}: routeByScore chooses as the reference does, ties too`, () => {
    const bank = new Bank(variant);
    const [ids, weights, scratch] = [bank.take(4 * ROWS * PER_TOKEN), bank.take(4 * ROWS * PER_TOKEN), bank.take(8 * EXPERTS)];
    const [l, b] = [bank.put(logits), bank.put(bias)];
    bank.kernels.routeByScore!(ids, weights, l, b, 0, 7, EXPERTS, PER_TOKEN, SCALE, scratch);
    bank.kernels.routeByScore!(ids, weights, l, b, 7, ROWS, EXPERTS, PER_TOKEN, SCALE, scratch);
    agrees(bank, ids, weights, routeByScore(values(ROWS, EXPERTS, logits), bias, { perToken: PER_TOKEN, scale: SCALE }));
  });

  test(`${variant}: routeByToken`, () => {
    const bank = new Bank(variant);
    const vocabulary = 50;
    const table = Int32Array.from({ length: vocabulary * PER_TOKEN }, (_, i) => (i * 23 + Math.floor(i / PER_TOKEN)) % EXPERTS);
    const tokens = Int32Array.from({ length: ROWS }, (_, n) => (n * 7) % vocabulary);
    const [ids, weights] = [bank.take(4 * ROWS * PER_TOKEN), bank.take(4 * ROWS * PER_TOKEN)];
    const [l, t, at] = [bank.put(logits), bank.put(table), bank.put(tokens)];
    bank.kernels.routeByToken!(ids, weights, l, t, at, 0, 7, EXPERTS, PER_TOKEN, SCALE);
    bank.kernels.routeByToken!(ids, weights, l, t, at, 7, ROWS, EXPERTS, PER_TOKEN, SCALE);
    agrees(bank, ids, weights, routeByToken(values(ROWS, EXPERTS, logits), table, tokens, { perToken: PER_TOKEN, scale: SCALE }));
  });

  test(`${variant}: routeByScore gives distinct experts even for NaN`, () => {
    const bank = new Bank(variant);
    const [ids, weights, scratch] = [bank.take(4 * PER_TOKEN), bank.take(4 * PER_TOKEN), bank.take(8 * EXPERTS)];
    const some = new Float32Array(EXPERTS).fill(Number.NaN);
    some[30] = 1;
    bank.kernels.routeByScore!(ids, weights, bank.put(some), bank.put(bias), 0, 1, EXPERTS, PER_TOKEN, SCALE, scratch);
    assert.deepEqual([...new Int32Array(bank.bytes(ids, 4 * PER_TOKEN).slice().buffer)], [0, 1, 2, 3, 4, 30]);
  });
}
