import assert from "node:assert/strict";
import { test } from "node:test";
import { Paces } from "../../../src/backends/cpu/pace.ts";

/** Runs programs whose time depends on the number of threads; how many of the last 100 used all. */
function live(paces: Paces, programs: number, ms: (threads: number) => number): number {
  let all = 0;
  for (let i = 0; i < programs; i++) {
    const { threads, took } = paces.choose(1 << 20);
    took(ms(threads));
    if (i >= programs - 100 && threads > 1) all++;
  }
  return all;
}

test("threads that help are used, threads that hinder are not, and a change of the machine is noticed", () => {
  const paces = new Paces(2);
  assert.ok(live(paces, 300, (threads) => 10 / threads) >= 97, "free cores: all threads");
  assert.ok(live(paces, 1000, (threads) => (threads === 1 ? 10 : 80)) <= 3, "shared cores: one");
  assert.ok(live(paces, 2000, (threads) => 10 / threads) >= 95, "free again");
});

test("programs of different size are judged apart", () => {
  const paces = new Paces(4);
  for (let i = 0; i < 200; i++)
    for (const [size, better] of [
      [1 << 16, 1],
      [1 << 28, 4],
    ] as const) {
      const { threads, took } = paces.choose(size);
      took(threads === better ? 1 : 5);
    }
  assert.equal(paces.choose(1 << 16).threads, 1);
  assert.equal(paces.choose(1 << 28).threads, 4);
});

test("one thread is one thread", () => assert.equal(new Paces(1).choose(1).threads, 1));
