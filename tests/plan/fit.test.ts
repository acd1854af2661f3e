import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Cpu } from "../../src/backends/cpu/index.ts";
import { Reference } from "../../src/backends/reference/index.ts";
import { openCheckpoint } from "../../src/checkpoint/node.ts";
import { Model } from "../../src/engine/model.ts";
import { auditTensors, supportedConfig } from "../../src/models/index.ts";
import { float, NUMERICS } from "../../src/ops/index.ts";
import { fitOn, type MemoryNeed, memoryNeed, needWithin, smallestNeed } from "../../src/plan/fit.ts";
import { countTensors } from "../../src/plan/inspect-tensors.ts";
import { configOf, syntheticCheckpoint } from "../../src/synth/index.ts";
import { MICRO_CONFIG, microCheckpoint } from "../support/micro.ts";

const machine = { totalBytes: 1e9, freeBytes: 5e8 };

test("memory of the micro model on the reference interpreter, item by item", async () => {
  const checkpoint = await microCheckpoint();
  const config = supportedConfig(MICRO_CONFIG);
  const { weights } = auditTensors(config, checkpoint.tensors);
  const { items } = await memoryNeed(config, weights, { interpreter: "reference", context: 1000 });
  const parameters = countTensors(checkpoint.tensors).parameters;
  assert.equal(items[0]!.bytes, 4 * parameters);
  assert.equal(items[1]!.bytes, 64 * 64 * 4, "wq_b");
  // Window 8 − 1 + 16 rows of 32 in 5 layers and the MTP block; CSA entries of 32 and 32 columns per 4 tokens in 2 layers, pending rows of
  // 64 twice (values, scores) in two compressors; HCA entries per 128, pending rows of 32 twice.
  const window = 6 * 23 * 32;
  const csa = 2 * (250 * (32 + 32) + 2 * 2 * (2 * 4 - 1 + 16) * 64);
  const hca = 2 * (7 * 32 + 2 * (127 + 16) * 32);
  assert.equal(items[2]!.bytes, 8 * (window + csa + hca));
  assert.equal(items[4]!.bytes, items[2]!.bytes + items[3]!.bytes, "a copy");
});

test("the rows counted are the rows the reference interpreter then keeps", async () => {
  const checkpoint = await microCheckpoint();
  const config = supportedConfig(MICRO_CONFIG);
  const { weights } = auditTensors(config, checkpoint.tensors);
  const { items } = await memoryNeed(config, weights, { interpreter: "reference", context: 600 });
  const model = await Model.load(checkpoint, new Reference(float));
  const state = model.newSequence();
  for (let at = 0; at < 600; at += 120)
    await model.step([{ state, tokens: Array.from({ length: 120 }, (_, i) => (at + i) % 64), logitsAt: [] }]);
  const held = [...state.layers, ...state.mtp].flatMap((l) => [
    l.window,
    ...[l.compressor, l.indexer].flatMap((c) => (c ? [c.values, c.scores, c.entries] : [])),
  ]);
  const rows = held.reduce(
    (sum, store) => sum + store.columns * 8 * Math.min(store.length, (store as unknown as { spec: { retain: number } }).spec.retain),
    0,
  );
  assert.equal(items[2]!.bytes - rows, 8 * 23 * 32, "the MTP block's window is the only store that did not fill");
});

test("three verdicts", () => {
  assert.deepEqual(
    [1e8, 7e8, 2e9].map((needed) => fitOn(machine, needed)),
    ["fits", "fits-when-freed", "does-not-fit"],
  );
});

const minnow = await openCheckpoint(new URL("../../models/minnow", import.meta.url).pathname);
after(() => minnow.close());
const config = supportedConfig(minnow.config);
const { weights } = auditTensors(config, minnow.tensors);

/** What of a need lies in the interpreter's own memory. */
const inBanks = ({ items }: MemoryNeed) =>
  items.filter(({ what }) => !/^(tables|the program)/.test(what)).reduce((sum, { bytes }) => sum + bytes, 0);

for (const [context, part] of [
  [300, 1],
  [1000, 1],
  [1000, 0.25],
] as const)
  for (const name of ["official", "float"])
    test(`what a conversation of ${context} tokens takes, ${name}, ${100 * part} % of the experts in memory: as computed before`, async () => {
      const numerics = NUMERICS.get(name)!;
      const options = { context, numerics, threads: 2 };
      const whole = await memoryNeed(config, weights, options);
      const some = part < 1 ? { expertBytes: part * whole.experts!.bytes } : {};
      const need = await memoryNeed(config, weights, { ...options, ...some });
      const ops = new Cpu(numerics, { threads: 2, ...some });
      const model = await Model.load(minnow, ops);
      // The steps of a session: chunks, a copy before the last token, the last token.
      const state = model.newSequence();
      const tokens = Array.from({ length: context }, (_, i) => i % config.vocabSize);
      for (let at = 0; at < context - 1; at += 128)
        await model.step([{ state, tokens: tokens.slice(at, Math.min(at + 128, context - 1)), logitsAt: [] }]);
      const copy = model.clone(state);
      await model.step([{ state, tokens: tokens.slice(-1), logitsAt: [0] }]);
      const { memory, experts } = ops.counts;
      await ops.close();
      assert.equal(copy.length, context - 1);
      assert.deepEqual(experts, need.experts);
      const ratio = inBanks(need) / memory;
      assert.ok(ratio > 0.98 && ratio < 1.25, `${ratio}`);
    });

test("a budget is filled with experts and never exceeded", async () => {
  const whole = await memoryNeed(config, weights, { context: 500 });
  const least = await smallestNeed(config, weights, { context: 500 });
  assert.equal(least.experts!.inMemory, config.experts, "a layer");
  const { slotBytes } = whole.experts!;
  for (let budget = least.totalBytes; budget < whole.totalBytes; budget += 4.5 * slotBytes) {
    const need = await needWithin(budget, config, weights, { context: 500 });
    assert.ok(need!.totalBytes <= budget);
    assert.ok(budget - need!.totalBytes < 2 * slotBytes, `${budget - need!.totalBytes} left`);
  }
  assert.deepEqual(await needWithin(whole.totalBytes, config, weights, { context: 500 }), whole);
  assert.equal(await needWithin(least.totalBytes - 1, config, weights, { context: 500 }), undefined);
  // The reference interpreter has no part of its weights on disk.
  const reference = { context: 500, interpreter: "reference" } as const;
  const { totalBytes } = await memoryNeed(config, weights, reference);
  assert.equal(await needWithin(totalBytes - 1, config, weights, reference), undefined);
  assert.equal((await needWithin(totalBytes, config, weights, reference))!.experts, undefined);
});

test("weights that are not there are counted as DeepSeek stores them", async () => {
  const synthetic = syntheticCheckpoint(configOf("flash", 30e6));
  const shape = supportedConfig(synthetic.config);
  const all = auditTensors(shape, synthetic.tensors).weights;
  const whole = await memoryNeed(shape, all, { context: 500 });
  const half = all.filter((_, i) => i % 2 === 0);
  assert.deepEqual(await memoryNeed(shape, half, { context: 500 }), whole);
});

test("more threads, a longer context, longer steps: more memory", async () => {
  const total = async (options: Partial<Parameters<typeof memoryNeed>[2]>) =>
    (await memoryNeed(config, weights, { context: 500, threads: 1, ...options })).totalBytes;
  const usual = await total({});
  for (const options of [{ threads: 8 }, { context: 4000 }, { step: 256 }, { kept: 100 }]) assert.ok((await total(options)) > usual);
});
