import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TandemError } from "../../src/errors.ts";
import { comparePosition, quantile, summarise } from "../../src/verify/index.ts";

const logits = (...values: number[]) => Float32Array.from(values);
const close = (actual: number | undefined, expected: number, tolerance = 1e-7) =>
  assert.ok(Math.abs(actual! - expected) <= tolerance, `${actual}, expected ${expected}`);
const refused = (run: () => unknown) =>
  assert.throws(run, (error) => error instanceof TandemError && error.code === "verify/not-comparable");

test("known values: p = (1/2, 1/4, 1/4) against q = (1/4, 1/4, 1/2)", () => {
  // Shifts of all logits of a side change no probability, but do change the logits.
  const p = logits(Math.LN2, 0, 0);
  const q = logits(10, 10, 10 + Math.LN2);
  const { kl, entropy, sameTop, logitDifference, logLikelihood } = comparePosition(p, q, 2);
  close(kl, 0.5 * Math.LN2 + 0.25 * Math.log(0.5), 1e-6);
  close(entropy, 1.5 * Math.LN2);
  assert.equal(sameTop, false);
  close(logitDifference, 10 + Math.LN2, 1e-6);
  close(logLikelihood, Math.LN2, 1e-6);
});

test("KL is not symmetric: a coin against a certainty", () => {
  const coin = logits(0, 0);
  const nearly = logits(0, Math.log(1 / 9));
  close(comparePosition(coin, nearly).kl, 0.5 * Math.log(0.5 / 0.9) + 0.5 * Math.log(0.5 / 0.1));
  close(comparePosition(nearly, coin).kl, 0.9 * Math.log(0.9 / 0.5) + 0.1 * Math.log(0.1 / 0.5));
});

const vocabulary = fc
  .array(fc.float({ min: -80, max: 80, noNaN: true }), { minLength: 12, maxLength: 12 })
  .map((v) => Float32Array.from(v));

test("equal predictions are 0 apart, to the bit; others never less", () => {
  fc.assert(
    fc.property(vocabulary, vocabulary, (a, b) => {
      const { kl, logitDifference, sameTop, logLikelihood } = comparePosition(a, a.slice(), 3);
      assert.deepEqual([kl, logitDifference, sameTop, logLikelihood], [0, 0, true, 0]);
      const other = comparePosition(a, b, 3);
      assert.ok(other.kl >= 0 && other.entropy >= -1e-12 && other.entropy <= Math.log(12) + 1e-12);
      close(comparePosition(b, a, 3).logLikelihood, -other.logLikelihood!);
    }),
  );
});

test("differences far below what float32 probabilities could hold are seen", () => {
  const a = logits(10, 0, 0, 0);
  const b = logits(10, 2 ** -10, 0, 0);
  // To second order: variance of the difference under a, halved.
  const p = 1 / (Math.exp(10) + 3);
  close(comparePosition(a, b).kl / ((p * (1 - p) * 2 ** -20) / 2), 1, 1e-3);
});

test("of equal logits the lowest id is the likeliest", () => {
  assert.equal(comparePosition(logits(1, 1, 0), logits(2, 1, 0)).sameTop, true);
  assert.equal(comparePosition(logits(1, 1, 0), logits(1, 2, 0)).sameTop, false);
});

test("what is no number, or no pair, is refused", () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    refused(() => comparePosition(logits(0, bad), logits(0, 0)));
    refused(() => comparePosition(logits(0, 0), logits(bad, 0)));
  }
  refused(() => comparePosition(logits(0, 0), logits(0, 0, 0)));
  refused(() => comparePosition(logits(), logits()));
  for (const target of [-1, 2, 0.5]) refused(() => comparePosition(logits(0, 0), logits(0, 0), target));
  refused(() => summarise([]));
});

test("quantiles lie on the straight line between neighbours, as numpy's do", () => {
  const sorted = [1, 2, 4, 8];
  assert.deepEqual(
    [0, 0.5, 1].map((q) => quantile(sorted, q)),
    [1, 3, 8],
  );
  close(quantile(sorted, 0.99), 7.88, 1e-12);
  assert.equal(quantile([5], 0.99), 5);
});

test("a summary of three positions", () => {
  const base = { entropy: 1, sameTop: true, logitDifference: 0.5 };
  const summary = summarise([
    { ...base, kl: 0.3, logLikelihood: -1 },
    { ...base, kl: 0.1, sameTop: false, logitDifference: 2, entropy: 4 },
    { ...base, kl: 0.2, logLikelihood: 0.5 },
  ]);
  assert.equal(summary.positions, 3);
  for (const [actual, expected] of [
    [summary.kl.mean, 0.2],
    [summary.kl.median, 0.2],
    [summary.kl.p99, 0.298],
    [summary.kl.max, 0.3],
    [summary.sameTop, 2 / 3],
    [summary.largestLogitDifference, 2],
    [summary.logLikelihood!.positions, 2],
    [summary.logLikelihood!.mean, -0.25],
    [summary.entropy, 2],
  ] as const)
    close(actual, expected, 1e-12);
  assert.equal(summarise([{ ...base, kl: 0 }]).logLikelihood, undefined, "no targets, no likelihood");
});
