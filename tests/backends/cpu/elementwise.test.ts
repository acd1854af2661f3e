import assert from "node:assert/strict";
import { test } from "node:test";
import { swiglu } from "../../../src/backends/reference/elementwise.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, inBF16, normal, same, shared, values } from "./numbers.ts";

const COUNT = 1003;

for (const variant of VARIANTS) {
  test(`${variant}: swiglu within 3e-7 of each value, also where e^g spans all magnitudes`, () => {
    const bank = new Bank(variant);
    const gate = normal(COUNT, 1, 4);
    for (let i = 0; i < 200; i++) gate[i] = i - 120 + i / 128;
    const up = normal(COUNT, 2, 8);
    const [g, u] = [bank.put(gate), bank.put(up)];
    const run = (limit: number) =>
      andRounded((bf16) => shared(bank, COUNT, COUNT, (y, begin, end) => bank.kernels.swiglu!(y, g, u, begin, end, limit, bf16)));
    for (const limit of [7, Number.POSITIVE_INFINITY]) {
      const expected = swiglu(values(1, COUNT, gate), values(1, COUNT, up), limit).data;
      for (const [i, v] of run(limit).entries())
        assert.ok(
          Math.abs(v - expected[i]!) <= Math.max(3e-7 * Math.abs(expected[i]!), 2 ** -136),
          `${gate[i]}: ${v}, expected ${expected[i]}`,
        );
    }
  });

  test(`${variant}: swiglu at the ends`, () => {
    const bank = new Bank(variant);
    const gate = Float32Array.of(20, -1000, Number.NEGATIVE_INFINITY, 1000, Number.NaN, -0, Number.POSITIVE_INFINITY, 3);
    const up = Float32Array.of(1, 1, 1, 1, 1, 1, 2, Number.NaN);
    const y = bank.take(32);
    bank.kernels.swiglu!(y, bank.put(gate), bank.put(up), 0, 8, Number.POSITIVE_INFINITY, 0);
    same(bank.floats(y, 8), Float32Array.from(swiglu(values(1, 8, gate), values(1, 8, up), Number.POSITIVE_INFINITY).data));
  });

  test(`${variant}: swigluWeighted rounds before and after the weight`, () => {
    const bank = new Bank(variant);
    const [g, u] = [bank.put(normal(COUNT, 3)), bank.put(normal(COUNT, 4))];
    const weight = Math.fround(0.3);
    const run = (bf16In: number, bf16: number) =>
      shared(bank, COUNT, COUNT, (y, begin, end) => bank.kernels.swigluWeighted!(y, g, u, weight, begin, end, 7, bf16In, bf16));
    const plain = shared(bank, COUNT, COUNT, (y, begin, end) => bank.kernels.swiglu!(y, g, u, begin, end, 7, 0));
    same(
      run(0, 0),
      plain.map((v) => v * weight),
    );
    same(run(1, 1), inBF16(inBF16(plain).map((v) => v * weight)));
  });

  test(`${variant}: add, accumulate and scale`, () => {
    const bank = new Bank(variant);
    const [a, b] = [normal(COUNT, 5), normal(COUNT, 6)];
    const [x, y] = [bank.put(a, 8), bank.put(b)];
    const sum = a.map((v, i) => v + b[i]!);
    const { add, accumulate, scale } = bank.kernels;
    same(
      andRounded((bf16) => shared(bank, COUNT, COUNT, (out, begin, end) => add!(out, x, y, begin, end, bf16))),
      sum,
    );
    same(
      andRounded((bf16) => shared(bank, COUNT, COUNT, (out, begin, end) => scale!(out, x, 0.3, begin, end, bf16))),
      a.map((v) => v * Math.fround(0.3)),
    );
    accumulate!(y, x, 3, 500);
    same(
      bank.floats(y, COUNT),
      b.map((v, i) => (i >= 3 && i < 500 ? sum[i]! : v)),
    );
  });

  test(`${variant}: addByPhase`, () => {
    const bank = new Bank(variant);
    const [rows, columns, period] = [9, 13, 4];
    const [x, table] = [normal(rows * columns, 7), normal(period * columns, 8)];
    const positions = Int32Array.from({ length: rows }, (_, n) => 1001 + 3 * n);
    const [at, phases, where] = [bank.put(x), bank.put(table), bank.put(positions)];
    same(
      shared(bank, x.length, rows, (y, begin, end) => bank.kernels.addByPhase!(y, at, phases, where, begin, end, columns, period)),
      x.map((v, i) => v + table[(positions[Math.floor(i / columns)]! % period) * columns + (i % columns)]!),
    );
  });
}
