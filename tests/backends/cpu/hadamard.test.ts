import { test } from "node:test";
import { hadamard } from "../../../src/backends/reference/elementwise.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, close, normal, shared, values } from "./numbers.ts";

for (const variant of VARIANTS)
  for (const width of [1, 2, 4, 8, 128])
    test(`${variant}: hadamard of ${width}, within 3e-7`, () => {
      const bank = new Bank(variant);
      const parts = 7;
      const x = normal(parts * width, width);
      const at = bank.put(x);
      const run = (y: number, begin: number, end: number, bf16: number) => bank.kernels.hadamard!(y, at, begin, end, width, bf16);
      const y = andRounded((bf16) => shared(bank, x.length, parts, (out, begin, end) => run(out, begin, end, bf16)));
      close(y, hadamard(values(1, x.length, x), parts).data, 3e-7);
    });
