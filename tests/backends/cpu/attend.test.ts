import assert from "node:assert/strict";
import { test } from "node:test";
import { attend } from "../../../src/backends/reference/attention.ts";
import { LoadedWeight, RowStore, SelectedEntries } from "../../../src/backends/reference/values.ts";
import { roundBF16 } from "../../../src/formats/index.ts";
import { tokenRows } from "../../../src/ops/index.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, close, normal, shared, values } from "./numbers.ts";

const SHAPES = [
  { heads: 11, width: 70, window: 9, entries: 21, chosen: [0, 3, 4, 11, 20] },
  { heads: 8, width: 512, window: 128, entries: 80, chosen: undefined },
  { heads: 1, width: 3, window: 1, entries: 0, chosen: undefined },
  { heads: 2, width: 64, window: 4, entries: 40, chosen: Array.from({ length: 33 }, (_, i) => i + 2) },
];

for (const variant of VARIANTS)
  for (const { heads, width, window, entries, chosen } of SHAPES)
    for (const bf16Probabilities of [0, 1])
      test(`${variant}: attend, ${heads} heads of ${width}, ${window} + ${chosen?.length ?? entries} rows, within ${bf16Probabilities ? "2e-4" : "1e-6"}`, () => {
        const bank = new Bank(variant);
        const [q, near, far, sink] = [
          normal(heads * width, 1, 2),
          normal(window * width, 2),
          normal(entries * width, 3),
          normal(heads, 4, 3),
        ];
        const scale = 1 / Math.sqrt(width);
        const [qs, ws, es, ss] = [bank.put(q), bank.put(near), bank.put(far), bank.put(sink)];
        const indices = chosen ? bank.put(Int32Array.from(chosen)) : 0;
        const rows = chosen?.length ?? entries;
        const scratchBytes = bank.kernels.attendScratchBytes!(window + rows);
        const scratch = bank.take(scratchBytes);
        const actual = andRounded((bf16) =>
          shared(bank, q.length, heads, (out, begin, end) =>
            bank.kernels.attend!(out, qs, ws, window, es, rows, indices, ss, scale, width, begin, end, scratch, bf16Probabilities, bf16),
          ),
        );
        assert.ok(bank.untouched(scratch + scratchBytes, 64));

        const store = (data: Float32Array, count: number) => {
          const kept = new RowStore({ columns: width, holds: "entries", retain: Number.POSITIVE_INFINITY });
          if (count > 0) kept.append(values(count, width, data), 0, count);
          return kept;
        };
        const weight = new LoadedWeight([heads], false);
        weight.data = sink;
        // One token at position window - 1 that sees the whole window; with ratio 1 the entries are as many as tokens unless chosen.
        const expected = attend(
          values(1, heads * width, q),
          tokenRows([window - 1], [1]),
          {
            ...{ heads, scale, window: [store(near, window)], windowSize: window, entries: [store(far, entries)], ratio: 1, sink: weight },
            selection: new SelectedEntries([Int32Array.from(chosen ?? Array.from({ length: entries }, (_, i) => i))]),
          },
          bf16Probabilities ? roundBF16 : (v) => v,
        );
        // A probability within float32's error of half-way between two BF16 numbers may go to the other one: 2^-8 of one row's share.
        close(actual, expected.data, bf16Probabilities ? 2e-4 : 1e-6);
      });
