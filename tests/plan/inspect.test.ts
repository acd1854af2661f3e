import assert from "node:assert/strict";
import { test } from "node:test";
import { checkpointFromSources, encodeHeader, memorySource, type TensorSpec } from "../../src/checkpoint/index.ts";
import { expectedTensors, supportedConfig } from "../../src/models/index.ts";
import { inspect } from "../../src/plan/inspect.ts";
import { inspectCost } from "../../src/plan/inspect-cost.ts";
import { countTensors } from "../../src/plan/inspect-tensors.ts";
import { MICRO_CONFIG, microTensors } from "../support/micro.ts";
import { FLASH_0731, headersOnly, officialTensors, PRO, PRO_0813 } from "../support/published.ts";

const machine = { totalBytes: 1e9, freeBytes: 5e8 };

/** A checkpoint of headers. */
function withHeaders(config: object, tensors: readonly TensorSpec[], files: Record<string, string> = {}) {
  const text = { "config.json": JSON.stringify(config), ...files };
  const sources = Object.entries(text).map(([name, content]) => memorySource(name, new TextEncoder().encode(content)));
  return checkpointFromSources([...sources, memorySource("model.safetensors", encodeHeader(tensors, "").bytes)], { headersOnly: true });
}

for (const [name, config, parameters, bytes] of [
  ["Flash-0731", FLASH_0731, 304_180_418_494, 166_878_536_440],
  ["Pro-0813", PRO_0813, 1_650_497_936_906, 892_727_580_904],
] as const)
  test(`${name}: counted without knowing the architecture, the published figures`, () => {
    const counted = countTensors(headersOnly(officialTensors(expectedTensors(supportedConfig(config)))));
    assert.deepEqual([counted.parameters, counted.bytes], [parameters, bytes]);
    assert.equal(
      counted.byDtype.reduce((sum, row) => sum + row.elements, 0),
      counted.storedElements,
    );
    assert.equal(
      counted.byDtype.reduce((sum, row) => sum + row.tensors, 0),
      counted.count,
    );
  });

test("INT8 with one scale per row is not taken for packed FP4, and scales are never parameters", () => {
  const count = (...specs: TensorSpec[]) => countTensors(headersOnly(specs)).parameters;
  const int8 = { name: "a.weight", type: "INT8", shape: [32, 64] } as const;
  assert.equal(count(int8), 2048);
  assert.equal(count(int8, { name: "a.weight_scale", type: "F32", shape: [32, 1] }), 2048);
  assert.equal(count(int8, { name: "a.scale", type: "E8M0", shape: [32, 4] }), 4096);
  assert.equal(count({ name: "b.hc_attn_scale", type: "F32", shape: [3] }), 3, "a tensor called scale that scales nothing is a weight");
});

test("a checkpoint's revision: drafter, expert storage, dialect with its reasons", async () => {
  const { revision, layers } = await inspect(
    await withHeaders(FLASH_0731, officialTensors(expectedTensors(supportedConfig(FLASH_0731))), {
      "encoding/encoding_dsv4.py": "REASONING_EFFORT_PROMPTS = {}",
    }),
    { headersOnly: true, machine },
  );
  assert.deepEqual([revision.drafter, revision.expertStorage, layers!.drafter], ["dspark", "E2M1 with E8M0 scales", 3]);
  assert.equal(revision.dialect!.name, "v4-0731");
  assert.match(revision.dialect!.reasons[0]!, /REASONING_EFFORT_PROMPTS/);

  const broken = await inspect(await withHeaders({ model_type: "other" }, [], { "tokenizer.json": "{" }), { headersOnly: true, machine });
  assert.equal(broken.revision.dialect, undefined);
  assert.match(broken.revision.dialectUnknown!, /tokenizer\.json/);
});

test("Pro at 1 M tokens against V3.2, as the report claims, whatever the batch", async () => {
  const checkpoint = await withHeaders(PRO, officialTensors(expectedTensors(supportedConfig(PRO))));
  const { againstV32, decode } = inspectCost(checkpoint, { batch: 2 });
  assert.ok(Math.abs(againstV32.decodeFlops - 0.27) < 0.01, `${againstV32.decodeFlops}`);
  assert.ok(Math.abs(againstV32.cacheBytesPerToken - 0.1) < 0.006, `${againstV32.cacheBytesPerToken}`);
  assert.equal(decode.tokens, 2);
  const bf16 = inspectCost(checkpoint, { context: 1000, cacheLayout: "bf16" }).againstV32;
  assert.equal(bf16.v32Cache, "bf16");
  assert.equal(bf16.cacheBytesPerToken, 9848 / (61 * ((512 + 64) * 2 + 132)));
});

test("shards that are not there are named, and what they hold is what is missing", async () => {
  const config = supportedConfig(MICRO_CONFIG);
  const specs: TensorSpec[] = microTensors(MICRO_CONFIG);
  const shardOf = ({ name }: TensorSpec) => (name.startsWith("layers.2.") ? "b.safetensors" : "a.safetensors");
  const weight_map = Object.fromEntries(specs.map((spec) => [spec.name, shardOf(spec)]));
  const here = specs.filter((spec) => shardOf(spec) === "a.safetensors");
  const text = {
    "config.json": JSON.stringify(MICRO_CONFIG),
    "model.safetensors.index.json": JSON.stringify({ metadata: {}, weight_map }),
  };
  const sources = [
    ...Object.entries(text).map(([name, content]) => memorySource(name, new TextEncoder().encode(content))),
    memorySource("a.safetensors", encodeHeader(here, "").bytes),
  ];
  const found = await inspect(await checkpointFromSources(sources, { headersOnly: true }), { headersOnly: true, machine });
  assert.deepEqual(found.files.missing, ["b.safetensors"]);
  assert.equal(found.missing!.count, expectedTensors(config).filter(({ name }) => name.startsWith("layers.2.")).length);
  assert.ok(found.missing!.first.every(({ name, code }) => name.startsWith("layers.2.") && code === "model/missing-tensor"));
});
