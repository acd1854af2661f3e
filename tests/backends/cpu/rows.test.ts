import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeArray } from "../../../src/formats/index.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, inBF16, normal, same, shared } from "./numbers.ts";

const [ROWS, COLUMNS] = [11, 9];
const picked = (x: Float32Array, ids: Int32Array) =>
  Float32Array.from(Array.from(ids, (id) => [...x.subarray(id * COLUMNS, (id + 1) * COLUMNS)]).flat());

for (const variant of VARIANTS) {
  test(`${variant}: copyRepeat`, () => {
    const bank = new Bank(variant);
    const x = normal(ROWS * COLUMNS, 1);
    const at = bank.put(x);
    const ids = Int32Array.from({ length: 3 * ROWS }, (_, i) => Math.floor(i / 3));
    same(
      shared(bank, 3 * x.length, ROWS, (y, begin, end) => bank.kernels.copyRepeat!(y, at, begin, end, COLUMNS, 3)),
      picked(x, ids),
    );
  });

  test(`${variant}: gatherRows, bytes as they are`, () => {
    const bank = new Bank(variant);
    const x = Uint8Array.from({ length: 7 * 5 }, (_, i) => i);
    const y = bank.take(15);
    bank.kernels.gatherRows!(y, bank.put(x), bank.put(Int32Array.of(6, 0, 6)), 0, 3, 5);
    assert.deepEqual([...bank.bytes(y, 15)], [30, 31, 32, 33, 34, 0, 1, 2, 3, 4, 30, 31, 32, 33, 34]);
    assert.ok(bank.untouched(y + 15, 64));
  });

  test(`${variant}: embed`, () => {
    const bank = new Bank(variant);
    const table = normal(ROWS * COLUMNS, 2);
    const ids = Int32Array.of(10, 3, 3, 0, 7);
    const [f32, bf16] = [bank.put(table), bank.put(encodeArray("BF16", table))];
    const at = bank.put(ids);
    const { embedF32, embedBF16 } = bank.kernels;
    const length = ids.length * COLUMNS;
    same(
      andRounded((rounded) => shared(bank, length, ids.length, (y, begin, end) => embedF32!(y, f32, at, begin, end, COLUMNS, rounded))),
      picked(table, ids),
    );
    same(
      shared(bank, length, ids.length, (y, begin, end) => embedBF16!(y, bf16, at, begin, end, COLUMNS)),
      picked(inBF16(table), ids),
    );
  });
}
