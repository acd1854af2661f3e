import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../../src/engine/random.ts";
import { type SamplingOptions, sample } from "../../src/engine/sampling.ts";

/** The same in the plainest words: all tokens as objects, all of them sorted. */
function plain(logits: Float32Array, { temperature = 1, topP = 1, minP = 0 }: SamplingOptions, random: () => number): number {
  const max = Math.max(...logits);
  let tokens = [...logits].map((logit, id) => ({ id, p: Math.exp((logit - max) / temperature) })).filter(({ p }) => p >= minP && p > 0);
  let total = tokens.reduce((sum, { p }) => sum + p, 0);
  if (topP < 1) {
    tokens.sort((a, b) => b.p - a.p || a.id - b.id);
    let [kept, sum] = [0, 0];
    while (kept < tokens.length && sum < topP * total) sum += tokens[kept++]!.p;
    tokens = tokens.slice(0, kept);
    total = sum;
  }
  let left = random() * total;
  return (tokens.find(({ p }) => (left -= p) < 0) ?? tokens.at(-1)!).id;
}

test("draws what the plainest implementation draws, peaked or flat, with ties and impossible tokens", () => {
  const random = seededRandom(5);
  for (let i = 0; i < 400; i++) {
    const spread = 40 * random() ** 3;
    const logits = Float32Array.from({ length: 1 + Math.floor(600 * random()) }, () =>
      random() < 0.1 ? Number.NEGATIVE_INFINITY : Math.round(8 * spread * (random() - 0.5)) / 8,
    );
    logits[0] = 1;
    const options = {
      temperature: 0.1 + 2 * random(),
      topP: random() < 0.3 ? 1 : 0.001 + 0.999 * random(),
      minP: random() < 0.5 ? 0 : random() ** 4,
    };
    for (let seed = 0; seed < 5; seed++)
      assert.equal(
        sample(logits, options, seededRandom(seed)),
        plain(logits, options, seededRandom(seed)),
        JSON.stringify({ i, ...options }),
      );
  }
});

test("the likeliest token at temperature 0, the lower id of equals; a bias counts, and is not left behind", () => {
  const logits = Float32Array.from([1, 3, 3, 2]);
  assert.equal(
    sample(logits, { temperature: 0 }, () => 0),
    1,
  );
  assert.equal(
    sample(logits, { temperature: 0, logitBias: new Map([[3, 2]]) }, () => 0),
    3,
  );
  assert.equal(
    sample(logits, { temperature: 0, logitBias: new Map([[1, Number.NEGATIVE_INFINITY]]) }, () => 0),
    2,
  );
  assert.deepEqual([...logits], [1, 3, 3, 2]);
});
