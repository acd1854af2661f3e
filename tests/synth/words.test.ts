import assert from "node:assert/strict";
import { test } from "node:test";
import { fillWords, streamKey } from "../../src/synth/words.ts";

const words = (seed: number, name: string, count: number, first = 0) => {
  const out = new Uint32Array(count);
  fillWords(out, streamKey(seed, name), first);
  return out;
};
const COUNT = 1 << 16;

test("a stream is the same from wherever one begins, and another for another name or seed", () => {
  const whole = words(5, "a.weight", 1000);
  assert.deepEqual(words(5, "a.weight", 100, 900), whole.slice(900));
  for (const other of [words(5, "b.weight", 1000), words(6, "a.weight", 1000), words(5 + 2 ** 32, "a.weight", 1000)])
    assert.ok(whole.filter((w, i) => w === other[i]).length < 2);
});

/** χ² of counts that should be equal, in standard deviations from its mean. */
const surprise = (counts: ArrayLike<number>, expected: number) => {
  let chi = 0;
  for (let i = 0; i < counts.length; i++) chi += (counts[i] - expected) ** 2 / expected;
  return (chi - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
};

test("all bytes are equally frequent at every place of a word, and after every other", () => {
  const stream = words(0, "layers.0.attn.wq_a.weight", 4 * COUNT);
  for (let shift = 0; shift < 32; shift += 8) {
    const [single, pairs] = [new Uint32Array(256), new Uint32Array(65536)];
    for (const [i, word] of stream.entries()) {
      const byte = (word >>> shift) & 255;
      single[byte]++;
      pairs[(((stream[i - 1] ?? 0) >>> shift) & 255) * 256 + byte]++;
    }
    assert.ok(Math.abs(surprise(single, stream.length / 256)) < 5, `bits from ${shift}`);
    assert.ok(Math.abs(surprise(pairs, stream.length / 65536)) < 5, `bits from ${shift}, pairs`);
  }
});

test("neighbouring names, seeds and positions have nothing to do with each other: half of all bits differ", () => {
  const base = words(0, "layers.0.ffn.experts.1.w1.weight", COUNT);
  const others = [
    words(0, "layers.0.ffn.experts.2.w1.weight", COUNT),
    words(0, "layers.0.ffn.experts.1.w1.scale", COUNT),
    words(1, "layers.0.ffn.experts.1.w1.weight", COUNT),
    words(0, "layers.0.ffn.experts.1.w1.weight", COUNT, 1),
  ];
  for (const [n, other] of others.entries())
    for (let bit = 0; bit < 32; bit++) {
      let differing = 0;
      for (const [i, word] of base.entries()) differing += ((word ^ other[i]) >>> bit) & 1;
      // Five standard deviations of COUNT tosses.
      assert.ok(Math.abs(differing - COUNT / 2) < 2.5 * Math.sqrt(COUNT), `stream ${n}, bit ${bit}: ${differing} of ${COUNT}`);
    }
});
