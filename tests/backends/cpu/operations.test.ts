import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Cpu } from "../../../src/backends/cpu/index.ts";
import { Reference } from "../../../src/backends/reference/index.ts";
import { openCheckpoint } from "../../../src/checkpoint/node.ts";
import { Model } from "../../../src/engine/model.ts";
import { NUMERICS, type Numerics } from "../../../src/ops/index.ts";
import { MICRO_TOKENS, microCheckpoint } from "../../support/micro.ts";
import { Shadow } from "../../support/shadow.ts";
import { syntheticCheckpoint, syntheticTokens } from "../../support/synthetic.ts";

/** Every kind of layer, unquantised and quantised, even and ragged sizes. */
const MODELS = [
  { name: "micro", checkpoint: microCheckpoint, tokens: () => MICRO_TOKENS.slice(0, 140) },
  { name: "odd", checkpoint: () => syntheticCheckpoint("odd"), tokens: () => syntheticTokens("odd", 140) },
  {
    name: "minnow",
    checkpoint: () => openCheckpoint("models/minnow"),
    tokens: () => Array.from({ length: 180 }, (_, i) => (i * 7919 + 13) % 640),
  },
];

/**
 * Bounds on one operation, inputs equal. Without rounding: what float32 leaves of float64, relative to the largest value. With rounding, a
 * sum near the edge between two BF16 or E4M3 values may fall to the other side: few elements (with 14-bit inputs of `int8` more), each by no more than such a step.
 */
const EXACT = 2e-5;
const STEP = 2 ** -5;
const FEW = 0.03;

for (const { name, checkpoint, tokens } of MODELS)
  for (const numerics of NUMERICS.values())
    for (const kernels of name === "odd" ? (["relaxed", "plain"] as const) : (["relaxed"] as const))
      test(`${name}, ${numerics.name}, ${kernels} kernels: each operation agrees with the reference on the same inputs`, async () => {
        const opened = await checkpoint();
        const shadow = new Shadow(new Reference(numerics), new Cpu(numerics, { threads: 2, kernels }));
        after(() => shadow.close());
        const model = await Model.load(opened, shadow);
        const ids = tokens();
        const state = model.newSequence();
        // A chunk, single tokens across the end of windows, and predictions ahead.
        await model.step([{ state, tokens: ids.slice(0, 122), logitsAt: [0, 121] }]);
        for (let t = 122; t < 131; t++) await model.step([{ state, tokens: [ids[t]!], logitsAt: [0] }]);
        if (model.config.mtpBlocks > 0) await model.stepAhead(model.newSequence(), ids.slice(0, 6), ids.slice(1, 7));
        await agree(shadow, numerics);
        await shadow.close();
      });

async function agree(shadow: Shadow, { name }: Numerics): Promise<void> {
  assert.ok(shadow.comparisons.length > 500, `${shadow.comparisons.length} operations`);
  const tally = new Map<string, { moved: number; all: number }>();
  for (const { operation, expected, actual: promised } of shadow.comparisons) {
    const actual = await promised;
    assert.equal(actual.length, expected.length);
    const largest = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    let moved = 0;
    for (const [i, e] of expected.entries()) {
      const difference = Math.abs(actual[i]! - e);
      if (difference <= EXACT * largest) continue;
      assert.ok(name !== "float" && difference <= STEP * largest, `${operation}[${i}]: ${actual[i]}, expected ${e} (largest ${largest})`);
      moved++;
    }
    const sum = tally.get(operation) ?? { moved: 0, all: 0 };
    tally.set(operation, { moved: sum.moved + moved, all: sum.all + expected.length });
  }
  for (const [operation, { moved, all }] of tally)
    assert.ok(moved <= (name === "int8" ? 2 : 1) * FEW * all + 2, `${operation}: ${moved} of ${all} elements moved`);
}
