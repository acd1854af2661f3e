import assert from "node:assert/strict";
import { test } from "node:test";
import { Cpu } from "../../src/backends/cpu/index.ts";
import { cacheBytesPerToken, heldBytes, weightBytesPerToken } from "../../src/bench/touched.ts";
import type { Checkpoint } from "../../src/checkpoint/index.ts";
import { openCheckpoint } from "../../src/checkpoint/node.ts";
import { Model } from "../../src/engine/model.ts";
import { resolveWeight, supportedConfig, v4Weights } from "../../src/models/index.ts";
import { NUMERICS } from "../../src/ops/index.ts";
import { Pricer } from "../../src/plan/price.ts";
import { FLASH, syntheticCheckpoint } from "../../src/synth/index.ts";
import type { WeightSource } from "../../src/tensor/index.ts";
import { MICRO_TOKENS, microCheckpoint } from "../support/micro.ts";

const [float, official, int8] = ["float", "official", "int8"].map((name) => NUMERICS.get(name)!);

function pricer(checkpoint: Checkpoint, numerics = official!, layout: "fp32" | "fp8-fp4" = "fp32"): Pricer {
  const config = supportedConfig(checkpoint.config);
  const sources: WeightSource[] = [];
  v4Weights(config, (name, shape, storage) => {
    const source = resolveWeight(checkpoint.tensors, name, shape, storage, config.weightBlock);
    sources.push(source);
    return source;
  });
  return new Pricer(config, sources, numerics, layout);
}

test("minnow: every tensor of its file by name, as it lies in memory, once, but of experts 2 of 16 and of tables a row", async () => {
  const checkpoint = await openCheckpoint("models/minnow");
  const config = supportedConfig(checkpoint.config);
  let expected = 0;
  for (const [name, { type, shape, byteLength }] of checkpoint.tensors) {
    if (name.startsWith("mtp.")) continue;
    // Vectors of BF16 are widened to float32; expert ids are int32.
    const inMemory = type === "BF16" && shape.length === 1 ? 2 * byteLength : type === "I64" ? byteLength / 2 : byteLength;
    const part = /^embed\.|tid2eid$|\.ape$/.test(name) ? 1 / shape[0]! : /\.experts\./.test(name) ? 2 / 16 : 1;
    expected += part * inMemory;
  }
  assert.equal(weightBytesPerToken(config, checkpoint, official!), expected);
  await checkpoint.close();
});

test("Flash: what the planner counts, and beyond it only norms, biases, sinks and coefficients", () => {
  const checkpoint = syntheticCheckpoint(FLASH);
  const config = supportedConfig(checkpoint.config);
  for (const numerics of [official!, int8!]) {
    const touched = weightBytesPerToken(config, checkpoint, numerics);
    const priced = pricer(checkpoint, numerics).decode(1000).weightBytes;
    assert.ok(touched > priced && touched < 1.002 * priced, `${numerics.name}: ${touched} beside ${priced}`);
  }
});

test("cache read per token: the planner's, averaged over whole windows, at contexts around every limit", async () => {
  const checkpoint = await microCheckpoint();
  const cpu = new Cpu(float!, { threads: 1 });
  const model = await Model.load(checkpoint, cpu);
  const state = model.newSequence();
  const prices = pricer(checkpoint, float!);
  for (const from of [128, 1024]) {
    let [touched, priced] = [0, 0];
    for (let context = from; context < from + 128; context++) {
      priced += prices.decode(context).cacheBytesRead;
      touched += cacheBytesPerToken(model.config, state, context + 1);
    }
    assert.equal(touched, priced);
  }
  assert.equal(cacheBytesPerToken(model.config, state, 3), prices.decode(2).cacheBytesRead + pooledPerToken);
  assert.equal(heldBytes(state), 0);
  await model.step([{ state, tokens: MICRO_TOKENS, logitsAt: [] }]);
  assert.ok(heldBytes(state) > prices.cache(MICRO_TOKENS.length).totalBytes);
  await cpu.close();
});

/** Rows of values and scores: 2 · 32 columns in the compressors and indexers of micro's two CSA layers, 32 in those of its two HCA layers. */
const pooledPerToken = 4 * 2 * (2 * 2 * 64 + 2 * 32);

test("indexer keys count in the packed form in which they lie", async () => {
  const checkpoint = await openCheckpoint("models/minnow");
  const cpu = new Cpu(official!, { threads: 1 });
  const model = await Model.load(checkpoint, cpu);
  const state = model.newSequence();
  // Minnow's three CSA layers pick 64 entries; from 65 complete windows on they read a key each: a byte for each of 128 numbers, and 4 scales.
  const growth = cacheBytesPerToken(model.config, state, 1004) - cacheBytesPerToken(model.config, state, 1000);
  assert.equal(growth, 3 * (128 + 4 * 4));
  await cpu.close();
  await checkpoint.close();
});
