import { test } from "node:test";
import { rope } from "../../../src/backends/reference/elementwise.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, close, normal, shared, values } from "./numbers.ts";

for (const variant of VARIANTS)
  for (const [heads, width, pairs] of [
    [3, 21, 5],
    [2, 64, 32],
    [4, 40, 8],
  ] as const)
    test(`${variant}: rope of ${heads} heads of ${width}, ${pairs} pairs, there and back, within 1.5e-7`, () => {
      const bank = new Bank(variant);
      const positions = Int32Array.of(0, 1, 77, 100_000, 1_000_003);
      const columns = heads * width;
      const x = normal(positions.length * columns, 1);
      const frequencies = Float32Array.from({ length: pairs }, (_, i) => 10000 ** (-i / pairs));
      const table = Float32Array.from(
        Array.from(positions, (p) => [...frequencies].flatMap((f) => [Math.cos(Math.fround(p * f)), Math.sin(Math.fround(p * f))])).flat(),
      );
      const [at, turns] = [bank.put(x, 4), bank.put(table)];
      for (const inverse of [0, 1]) {
        const turned = andRounded((bf16) =>
          shared(bank, x.length, positions.length, (y, begin, end) =>
            bank.kernels.rope!(y, at, turns, begin, end, columns, heads, pairs, inverse, bf16),
          ),
        );
        close(turned, rope(values(positions.length, columns, x), positions, frequencies, heads, inverse === 1).data, 1.5e-7);
      }
    });
