import assert from "node:assert/strict";
import { test } from "node:test";
import { median } from "../../src/bench/median.ts";

test("the middle of an odd number, the mean of the middle two of an even one, in any order", () => {
  assert.equal(median([30, 1, 2]), 2);
  assert.equal(median([4, 100, 1, 3]), 3.5);
  assert.equal(median([7]), 7);
});
