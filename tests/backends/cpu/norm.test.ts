import assert from "node:assert/strict";
import { test } from "node:test";
import { rmsNorm } from "../../../src/backends/reference/elementwise.ts";
import { roundBF16 } from "../../../src/formats/index.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, close, inBF16, normal, same, shared, values } from "./numbers.ts";

for (const variant of VARIANTS)
  for (const [parts, width] of [
    [40, 50],
    [3, 512],
    [300, 3],
  ] as const) {
    const x = inBF16(normal(parts * width, 1, 3));
    const weight = normal(width, 2);

    test(`${variant}: rmsNorm of ${parts} × ${width}, within 2e-7`, () => {
      const bank = new Bank(variant);
      const [at, w] = [bank.put(x), bank.put(weight)];
      const run = (pointer: number) =>
        andRounded((bf16) =>
          shared(bank, x.length, parts, (y, begin, end) => bank.kernels.rmsNorm!(y, at, pointer, begin, end, width, 1e-6, bf16, 0)),
        );
      close(run(w), rmsNorm(values(parts, width, x), weight, 1e-6, 1).data, 2e-7);
      close(run(0), rmsNorm(values(1, parts * width, x), undefined, 1e-6, parts).data, 2e-7);
    });

    test(`${variant}: rmsNorm of ${parts} × ${width} in BF16 steps, to the bit`, () => {
      // Large enough for the order of its addition and the rounding of the mean to show.
      const eps = 0.3;
      const bank = new Bank(variant);
      const at = bank.put(x);
      const expected = rmsNorm(values(parts, width, x), undefined, eps, 1, roundBF16).data;
      same(
        shared(bank, x.length, parts, (y, begin, end) => bank.kernels.rmsNorm!(y, at, 0, begin, end, width, eps, 1, 1)),
        inBF16(Float32Array.from(expected)),
      );
    });

    test(`${variant}: sumSquares of ${parts} × ${width}`, () => {
      const bank = new Bank(variant);
      const at = bank.put(x);
      const sums = shared(bank, parts, parts, (y, begin, end) => bank.kernels.sumSquares!(y, at, begin, end, width));
      for (const [n, sum] of sums.entries()) {
        const expected = x.subarray(n * width, (n + 1) * width).reduce((s, v) => s + v * v, 0);
        assert.ok(Math.abs(sum / expected - 1) < 1e-7);
      }
    });
  }
