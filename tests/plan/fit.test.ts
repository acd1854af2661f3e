import assert from "node:assert/strict";
import { test } from "node:test";
import { Reference } from "../../src/backends/reference/index.ts";
import { Model } from "../../src/engine/model.ts";
import { auditTensors, supportedConfig } from "../../src/models/index.ts";
import { float } from "../../src/ops/index.ts";
import { fitOn, memoryNeed } from "../../src/plan/fit.ts";
import { countTensors } from "../../src/plan/inspect-tensors.ts";
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
