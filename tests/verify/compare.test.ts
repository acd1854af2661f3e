import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Reference } from "../../src/backends/reference/index.ts";
import type { Checkpoint } from "../../src/checkpoint/index.ts";
import { openCheckpoint } from "../../src/checkpoint/node.ts";
import { Model } from "../../src/engine/model.ts";
import { loadText } from "../../src/engine/text-side.ts";
import { TandemError } from "../../src/errors.ts";
import { float, int8, official } from "../../src/ops/index.ts";
import { compareModels, compareNumerics, comparePositions } from "../../src/verify/index.ts";
import { checkpointFromTensors } from "../support/checkpoint.ts";
import { MICRO_CONFIG, MICRO_TOKENS, microCheckpoint, microTensors } from "../support/micro.ts";
import { syntheticCheckpoint, syntheticTokens } from "../support/synthetic.ts";
import { greedyConversations } from "./greedy.ts";

test("Minnow thinking about a subtraction: int8 stays near official, float differs, each figure within its bounds", async (t) => {
  const checkpoint = await openCheckpoint(fileURLToPath(new URL("../../models/minnow", import.meta.url)));
  const load = (numerics: typeof official) => Model.load(checkpoint, new Reference(numerics));
  const [a, b, c] = [await load(official), await load(int8), await load(float)];
  const [answered] = await greedyConversations(a, (await loadText(checkpoint, a.config.eosId))!, ["Take 138 from 502."]);
  await checkpoint.close();
  for (const [name, model] of [
    ["int8", b],
    ["float", c],
  ] as const) {
    const distance = await compareModels(a, model, [answered!.tokens]);
    t.diagnostic(`${name}: ${JSON.stringify(distance)}`);
    assert.equal(distance.positions, answered!.tokens.length);
    assert.equal(distance.logLikelihood!.positions, answered!.tokens.length - 1);
    assert.ok(distance.kl.mean > 0 && distance.largestLogitDifference > 0);
    assert.ok(distance.kl.mean < 0.05 && distance.kl.median < 1e-5, name);
    assert.ok(distance.sameTop > 0.95 && Math.abs(distance.logLikelihood!.mean) < 0.05, name);
  }
});

test("neither the chunk nor the split into a stream changes a distance; a numerics is 0 from itself", async () => {
  const checkpoint = await syntheticCheckpoint("odd");
  const tokens = syntheticTokens("odd", 40);
  const whole = await compareNumerics(checkpoint, [tokens], official, int8, { chunk: 40 });
  assert.ok(whole.kl.mean > 0);
  assert.deepEqual(await compareNumerics(checkpoint, [tokens], official, int8, { chunk: 7 }), whole);
  const self = await compareNumerics(checkpoint, [tokens, tokens.slice(0, 3)], int8, int8, { targets: false });
  assert.deepEqual([self.positions, self.kl.max, self.sameTop, self.largestLogitDifference], [43, 0, 1, 0]);
  assert.equal(self.logLikelihood, undefined);
});

test("any interpreter will do; each is closed in the end, come what may; progress is told position by position", async () => {
  const made: string[] = [];
  let closed = 0;
  class Closing extends Reference {
    override async close(): Promise<void> {
      closed++;
    }
  }
  const interpreter = async (numerics: typeof official) => {
    made.push(numerics.name);
    return new Closing(numerics);
  };
  const seen: [number, number][] = [];
  const onProgress = (done: number, total: number) => void seen.push([done, total]);
  const micro = await microCheckpoint();
  await compareNumerics(micro, [[1, 2], [3]], official, float, { interpreter, onProgress });
  assert.deepEqual([made, closed], [["official", "float"], 2]);
  assert.deepEqual(seen, [
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  await assert.rejects(compareNumerics({ ...micro, tensors: new Map() }, [[1]], official, float, { interpreter }));
  assert.deepEqual([made.length, closed], [3, 3], "the first could not be loaded, the second was never made");
});

const isRefused = (error: unknown) => error instanceof TandemError && error.code === "verify/not-comparable";

test("what cannot be compared is refused", async () => {
  const micro = await microCheckpoint();
  const fails = (code: string, sequences: readonly (readonly number[])[], options = {}) =>
    assert.rejects(compareNumerics(micro, sequences, official, float, options), (e) => e instanceof TandemError && e.code === code);
  await fails("verify/not-comparable", []);
  await fails("verify/not-comparable", [[]]);
  await fails("model/bad-token", [[64]]);
  await fails("engine/bad-option", [[1]], { chunk: 0 });
  await fails("engine/prompt-too-long", [new Array(4097).fill(1)]);

  const notNumbers = microTensors(MICRO_CONFIG).map((t) => (t.name === "norm.weight" ? { ...t, bytes: t.bytes.map(() => 0xff) } : t));
  const damaged = await checkpointFromTensors(MICRO_CONFIG, notNumbers);
  await assert.rejects(compareNumerics(damaged, [[1]], official, float), isRefused);

  const load = async (checkpoint: Checkpoint) => Model.load(checkpoint, new Reference(float));
  const [small, large] = [await load(micro), await load(await syntheticCheckpoint("odd"))];
  await assert.rejects(compareModels(small, large, [[1, 2]]), isRefused);
});

test("positions come as a stream: the first is there before the last is computed", async () => {
  const model = await Model.load(await microCheckpoint(), new Reference(float));
  const steps: number[] = [];
  const counting = Object.assign(Object.create(model) as Model, {
    step: async (inputs: Parameters<Model["step"]>[0]) => {
      steps.push(inputs[0]!.tokens.length);
      return model.step(inputs);
    },
  });
  for await (const { kl } of comparePositions(model, counting, MICRO_TOKENS.slice(0, 20), { chunk: 8 })) {
    assert.equal(kl, 0);
    break;
  }
  assert.deepEqual(steps, [8]);
});
