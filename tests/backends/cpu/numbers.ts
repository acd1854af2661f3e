import assert from "node:assert/strict";
import { Values } from "../../../src/backends/reference/values.ts";
import { roundBF16 } from "../../../src/formats/index.ts";
import type { Bank } from "./kernels.ts";

/** `count` normally distributed floats, the same for the same seed (mulberry32, Box–Muller). */
export function normal(count: number, seed: number, deviation = 1): Float32Array {
  const uniform = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Float32Array.from(
    { length: count },
    () => deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

export const values = (rows: number, columns: number, data: Float32Array): Values => new Values(rows, columns, Float64Array.from(data));
export const inBF16 = (data: Float32Array): Float32Array => data.map(roundBF16);

/** Every element within `tolerance` of the largest expected one. */
export function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    assert.ok(error <= tolerance * largest, `${i}: ${actual[i]}, expected ${expected[i]}, apart by ${error / largest} of the largest`);
  }
}

/** The same bits, except that every NaN is as good as another. */
export function same(actual: Float32Array, expected: Float32Array): void {
  assert.equal(actual.length, expected.length);
  for (const [i, v] of expected.entries()) assert.ok(Object.is(actual[i], v), `${i}: ${actual[i]}, expected ${v}`);
}

/**
 * Runs a kernel for [0, total) at once and again in uneven shares, each into memory of its own: both must give the same bits and leave
 * what follows alone. Returns the `length` floats.
 */
export function shared(bank: Bank, length: number, total: number, run: (out: number, begin: number, end: number) => void): Float32Array {
  const [whole, parts] = [bank.take(4 * length), bank.take(4 * length)];
  run(whole, 0, total);
  for (let begin = 0, size = 1; begin < total; begin += size, size += 2) run(parts, begin, Math.min(begin + size, total));
  const result = bank.floats(whole, length).slice();
  same(bank.floats(parts, length).slice(), result);
  for (const at of [whole, parts]) assert.ok(bank.untouched(at + 4 * length, 64), "written after the end");
  return result;
}

/** The result of `run(out, bf16)`, checked that its BF16 form is the same result rounded. */
export function andRounded(run: (bf16: number) => Float32Array): Float32Array {
  const exact = run(0);
  same(run(1), inBF16(exact));
  return exact;
}
