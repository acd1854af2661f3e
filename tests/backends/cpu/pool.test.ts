import { test } from "node:test";
import { pool } from "../../../src/backends/reference/compressor.ts";
import { RowStore } from "../../../src/backends/reference/values.ts";
import { tokenRows } from "../../../src/ops/index.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, close, normal, shared, values } from "./numbers.ts";

for (const variant of VARIANTS)
  for (const [ratio, width, overlap] of [
    [4, 22, 1],
    [128, 13, 0],
  ] as const)
    test(`${variant}: pool of ${ratio} rows${overlap ? " with overlap" : ""}, within 1e-6`, () => {
      const bank = new Bank(variant);
      const columns = width * (overlap + 1);
      const count = 2 * ratio;
      const [value, score] = [normal(count * columns, 1), normal(count * columns, 2, 5)];
      const stores = [value, score].map((data) => {
        const store = new RowStore({ columns, holds: "compressor state", retain: Number.POSITIVE_INFINITY });
        store.append(values(count, columns, data), 0, count);
        return store;
      });
      const [v, s] = [bank.put(value), bank.put(score)];
      for (const window of [0, 1]) {
        const before = overlap && window > 0 ? ratio : 0;
        const first = 4 * columns * (window * ratio - before);
        const run = (bf16: number) =>
          shared(bank, width, width, (out, begin, end) =>
            bank.kernels.pool!(out, v + first, s + first, before, ratio, width, 4 * columns, overlap, begin, end, bf16),
          );
        close(andRounded(run), pool([stores[0]!], [stores[1]!], tokenRows([window], [1]), ratio, overlap === 1).data, 1e-6);
      }
    });
