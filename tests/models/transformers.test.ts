import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Engine } from "../../src/engine/index.ts";

/** A random model run by Hugging Face transformers (scripts/oracles/transformers_v4.py), in float32. */
const folder = new URL("../fixtures/models/transformers-v4/", import.meta.url);
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8")) as {
  by: string;
  tokens: number[];
  positions: { position: number; logits: number[] }[];
};
const TOLERANCE = 1e-4;

test("logits agree with transformers", async (t) => {
  const engine = await Engine.load(folder.pathname, { numerics: "float" });
  const { positions } = await engine.logits(expected.tokens, { positions: expected.positions.map((p) => p.position), chunk: 100 });
  let worst = 0;
  for (const [i, { position, logits }] of positions.entries()) {
    const other = expected.positions[i]!;
    assert.equal(position, other.position);
    for (const [id, value] of logits.entries()) worst = Math.max(worst, Math.abs(value - other.logits[id]!));
  }
  t.diagnostic(`largest difference from ${expected.by}: ${worst.toExponential(2)}`);
  assert.ok(worst < TOLERANCE, `${worst}`);
});
