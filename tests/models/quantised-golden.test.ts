import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Engine, INTERPRETERS } from "../../src/engine/index.ts";
import { SYNTHETIC, type SyntheticName, syntheticCheckpoint, syntheticTokens } from "../support/synthetic.ts";

type Rows = readonly { readonly position: number; readonly logits: readonly number[] }[];
/** Logits by an independent implementation (PyTorch, float64, weights dequantised from the same bytes); see scripts/oracles/synthetic.ts. */
const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/models/synthetic/${name}.json`, import.meta.url), "utf8")) as {
    tokens: number;
    positions: Rows;
    mtp: Rows;
    official?: Rows;
  };
const TOLERANCE = 2e-5;

for (const name of Object.keys(SYNTHETIC) as SyntheticName[])
  for (const interpreter of INTERPRETERS) {
    test(`${name}, ${interpreter}: quantised checkpoint, float numerics, MTP and ragged chunks`, async (t) => {
      const expected = golden(name);
      const engine = await Engine.load(await syntheticCheckpoint(name), { numerics: "float", interpreter });
      const positions = expected.positions.map((p) => p.position);
      const actual = await engine.logits(syntheticTokens(name, expected.tokens), { positions, mtp: true, chunk: 77 });
      let worst = 0;
      for (const [mine, theirs] of [
        [actual.positions, expected.positions],
        [actual.mtp!, expected.mtp],
      ] as const) {
        assert.deepEqual(
          mine.map((p) => p.position),
          theirs.map((p) => p.position),
        );
        for (const [i, { logits }] of mine.entries())
          for (const [id, v] of logits.entries()) worst = Math.max(worst, Math.abs(v - theirs[i]!.logits[id]!));
      }
      await engine.close();
      t.diagnostic(`largest difference ${worst.toExponential(2)}`);
      assert.ok(worst < TOLERANCE, `${worst}`);
    });
  }

/**
 * The same independent implementation with every rounding of the official forward. Up to the head all values are BF16 and equal;
 * what is left is its fp32 sum over 128 products. Further on a sum on the edge between two BF16 values parts the two.
 */
test("tiny-q: official numerics, every rounding place", async () => {
  const expected = golden("tiny-q").official!;
  const engine = await Engine.load(await syntheticCheckpoint("tiny-q"), { numerics: "official", interpreter: "reference" });
  const positions = expected.map((p) => p.position);
  const actual = await engine.logits(syntheticTokens("tiny-q", positions.at(-1)! + 1), { positions, chunk: 7 });
  for (const [i, { logits }] of actual.positions.entries())
    for (const [id, v] of logits.entries())
      assert.ok(Math.abs(v - expected[i]!.logits[id]!) < 2e-6, `position ${positions[i]}, logit ${id}`);
});
