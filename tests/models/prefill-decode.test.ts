import assert from "node:assert/strict";
import { test } from "node:test";
import { Model } from "../../src/engine/model.ts";
import { truncateSequence } from "../../src/models/index.ts";
import { float, int8, official } from "../../src/ops/index.ts";
import { INTERPRETERS } from "../support/interpreters.ts";
import { MICRO_TOKENS, microCheckpoint } from "../support/micro.ts";
import { syntheticCheckpoint, syntheticTokens } from "../support/synthetic.ts";

const models = [
  { name: "micro", numerics: float, checkpoint: microCheckpoint, tokens: MICRO_TOKENS },
  { name: "odd", numerics: official, checkpoint: () => syntheticCheckpoint("odd"), tokens: syntheticTokens("odd", 150) },
  { name: "tiny-q", numerics: int8, checkpoint: () => syntheticCheckpoint("tiny-q"), tokens: syntheticTokens("tiny-q", 150) },
].flatMap(({ name, numerics, checkpoint, tokens }) =>
  INTERPRETERS.map((i) => ({
    name: `${name}, ${numerics.name}, ${i.name}`,
    load: async () => Model.load(await checkpoint(), i.make(numerics)),
    tokens,
  })),
);
/** Every residue mod 4, around the end of an HCA window, and the trivial lengths. */
const SPLITS = [1, 2, 3, 4, 5, 41, 42, 43, 44, 126, 127, 128, 129, 130, 148, 149];

for (const { name, load, tokens } of models) {
  const model = await load();
  const fresh = async (length: number) => {
    const [rows] = await model.step([{ state: model.newSequence(), tokens: tokens.slice(0, length), logitsAt: [...Array(length).keys()] }]);
    return rows!;
  };
  const whole = await fresh(tokens.length);

  test(`${name}: prefill then decode gives the bits of one prefill, at every phase of a window`, async () => {
    for (const split of SPLITS) {
      const state = model.newSequence();
      await model.step([{ state, tokens: tokens.slice(0, split), logitsAt: [] }]);
      const end = Math.min(split + 9, tokens.length);
      for (let t = split; t < end; t++) {
        const [rows] = await model.step([{ state, tokens: [tokens[t]!], logitsAt: [0] }]);
        assert.deepEqual(rows![0], whole[t], `token ${t} after a prefill of ${split}`);
      }
    }
  });

  test(`${name}: sequences at different places step together as if alone`, async () => {
    const starts = [0, 3, 127, 60];
    const states = starts.map(() => model.newSequence());
    for (const [i, start] of starts.entries())
      if (start > 0) await model.step([{ state: states[i]!, tokens: tokens.slice(0, start), logitsAt: [] }]);
    const lengths = [5, 1, 2, 40];
    const results = await model.step(
      starts.map((start, i) => ({ state: states[i]!, tokens: tokens.slice(start, start + lengths[i]!), logitsAt: [lengths[i]! - 1] })),
    );
    for (const [i, [row]] of results.entries()) assert.deepEqual(row, whole[starts[i]! + lengths[i]! - 1]);
  });

  test(`${name}: a copy goes its own way, and tokens taken back leave no trace`, async () => {
    const ops = model.ops;
    const state = model.newSequence();
    for (const [from, to] of [
      [0, 120],
      [120, 133],
    ] as const)
      await model.step([{ state, tokens: tokens.slice(from, to), logitsAt: [] }]);
    const copy = model.clone(state);
    await model.step([{ state: copy, tokens: [1, 2, 3], logitsAt: [] }]);
    truncateSequence(ops, model.config, state, 125);
    const [rows] = await model.step([{ state, tokens: tokens.slice(125), logitsAt: [0, tokens.length - 126] }]);
    assert.deepEqual(rows, [whole[125], whole.at(-1)]);
  });
}
