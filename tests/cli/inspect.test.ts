import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { TensorSpec } from "../../src/checkpoint/index.ts";
import { expectedTensors, supportedConfig } from "../../src/models/index.ts";
import { headerOnlyCheckpoint } from "../fixtures/checkpoint/header-only.ts";
import { microCheckpoint } from "../support/micro.ts";
import { FLASH, officialTensors } from "../support/published.ts";
import { writeTemporary } from "../support/written.ts";
import { cli, json } from "./terminal.ts";

/** Shards as published: one per layer, and the rest. */
const shardOf = (name: string) => `model-${/^(?:layers|mtp)\.\d+/.exec(name)?.[0] ?? "rest"}.safetensors`;
const flashTensors = officialTensors(expectedTensors(supportedConfig(FLASH)));

let flash: string;
before(async () => {
  flash = await headerOnlyCheckpoint(flashTensors, { config: FLASH, shardOf });
});
after(() => rm(flash, { recursive: true }));

test("Flash from its headers: the published counts (v4-architecture section 4.3)", async () => {
  const found = await json(["inspect", flash]);
  assert.equal(found.headersOnly, true);
  assert.deepEqual(found.architecture, { type: "deepseek_v4", supported: true });
  assert.equal(found.tensors.count, 69_187);
  assert.equal(found.tensors.storedElements, 158_069_433_298);
  assert.equal(found.tensors.bytes, 159_609_485_896);
  assert.equal(found.parameters, 290_944_616_402);
  assert.deepEqual(found.missing, { count: 0, first: [] });
  assert.deepEqual(found.unexpected, { count: 0, first: [] });
  for (const [i, [dtype, gigabytes]] of [
    ["I8", "141.73"],
    ["F8_E8M0", "8.86"],
    ["F8_E4M3", "6.02"],
    ["BF16", "2.83"],
    ["F32", "0.145"],
    ["I64", "0.019"],
  ].entries()) {
    const row = found.tensors.byDtype[i];
    assert.deepEqual([row.dtype, (row.bytes / 1e9).toFixed(gigabytes!.split(".")[1]!.length)], [dtype, gigabytes]);
  }
  const { total, slidingWindow, csa, hca, hashRouted, scoreRouted, drafter } = found.layers;
  assert.deepEqual([total, slidingWindow, csa, hca, hashRouted, scoreRouted, drafter], [43, 2, 21, 20, 3, 40, 1]);
  const { drafter: kind, expertStorage, declaredExpertDtype, weightBlock, scaleFormat, dialect } = found.revision;
  assert.deepEqual(
    [kind, expertStorage, declaredExpertDtype, weightBlock, scaleFormat],
    ["mtp", "E2M1 with E8M0 scales", "fp4", [128, 128], "ue8m0"],
  );
  assert.equal(dialect.name, "v4");
  // Weights lie in memory as in the files, but for tables widened or narrowed and for the few that every bank of 4 GiB has.
  const [dense, experts] = found.memory.items;
  const ratio = (dense.bytes + experts.bytes) / found.tensors.bytes;
  assert.ok(ratio > 1 && ratio < 1.005, `${ratio}`);
  assert.deepEqual([found.memory.experts.inMemory, found.memory.smallest.experts.inMemory], [11_264, 256]);
  assert.ok(found.memory.smallest.totalBytes < found.memory.totalBytes - 0.95 * experts.bytes);
  assert.equal(found.memory.context, 1_048_576);

  const { status, out } = await cli(["inspect", flash]);
  assert.equal(status, 0);
  for (const text of [
    "headers only",
    "290,944,616,402 parameters",
    "69,187 tensors, 159,609,485,896 bytes",
    "with 256 of 11,264 experts, the others read when needed",
  ])
    assert.ok(out.includes(text), text);
  const verdicts = { fits: "it runs: experts", "fits-when-freed": "not into what is free now", "does-not-fit": "It does not fit" };
  const { fit, smallest } = found.memory as { fit: keyof typeof verdicts; smallest: { fit: keyof typeof verdicts } };
  assert.ok(out.includes(fit === "fits" ? "It fits." : verdicts[smallest.fit]));
  assert.equal((await json(["inspect", flash, "--headers-only", "never"])).error.code, "checkpoint/range-outside-file");
});

test("what Flash costs at 1 M tokens: the cache of section 3.2, and the report's claim against V3.2", async () => {
  const report = await json(["inspect", flash, "--cost", "--context", "1048576"]);
  const perToken = Object.fromEntries(report.cache.map((c: { layout: string; bytesPerToken: number }) => [c.layout, c.bytesPerToken]));
  assert.deepEqual(perToken, { fp32: 13760, bf16: 6880, fp8: 3850.25, "fp8-fp4": 3514.25 });
  assert.ok(Math.abs(report.againstV32.decodeFlops - 0.1) < 0.01);
  assert.ok(Math.abs(report.againstV32.cacheBytesPerToken - 0.07) < 0.006);
  assert.deepEqual([report.context, report.batch, report.cacheLayout, report.numerics], [1048576, 1, "fp8-fp4", "official"]);

  const { out } = await cli([
    "inspect",
    flash,
    "--cost",
    "--context",
    "1000",
    "--batch",
    "4",
    "--cache-layout",
    "bf16",
    "--numerics",
    "float",
  ]);
  assert.match(out, /^1,000 tokens of context, numerics float, cache bf16\n/);
  assert.match(out, /decode 4 sequences +prefill 1,000 tokens/);
  assert.match(out, /\d+ % of its FLOPs per decoded token/);
});

test("a whole small checkpoint fits, at the context asked for", async () => {
  const micro = await writeTemporary(await microCheckpoint());
  try {
    const found = await json(["inspect", micro, "--context", "100"]);
    assert.equal(found.headersOnly, false);
    assert.deepEqual([found.memory.context, found.memory.fit], [100, "fits"]);
    assert.match((await cli(["inspect", micro])).out, /\nIt fits\.\n$/);
    for (const context of ["4097", "9".repeat(15)])
      for (const cost of [[], ["--cost"]])
        assert.equal((await json(["inspect", micro, "--context", context, ...cost])).error.code, "engine/bad-option");
  } finally {
    await rm(micro, { recursive: true });
  }
});

/** `inspect` of made-up headers. */
async function inspectHeaders(tensors: readonly TensorSpec[], config: object, ...argv: string[]) {
  const folder = await headerOnlyCheckpoint(tensors, { config });
  try {
    return { found: await json(["inspect", folder, ...argv]), text: (await cli(["inspect", folder, ...argv])).out };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("what is missing, wrong or unexpected is counted, and the first of it named", async () => {
  const config = { ...FLASH, num_hidden_layers: 3, compress_ratios: [0, 4, 128, 0] };
  const gone = /^layers\.2\.ffn\.experts\.\d+\.w1\.weight$/;
  const tensors = officialTensors(expectedTensors(supportedConfig(config)))
    .filter(({ name }) => !gone.test(name))
    .map((t) => (t.name === "norm.weight" ? { ...t, shape: [4095] } : t))
    .concat({ name: "extra.weight", type: "BF16", shape: [2, 2] });
  const { found, text } = await inspectHeaders(tensors, config);
  assert.equal(found.missing.count, 257);
  assert.equal(found.missing.first.length, 5);
  assert.deepEqual(found.missing.first[0].code, "model/missing-tensor");
  // The scales of the missing experts belong to weights that are expected, so only one tensor is a stranger.
  assert.deepEqual(found.unexpected, { count: 1, first: ["extra.weight"] });
  assert.match(text, /missing or wrong: 257 tensors\n {2}.*layers\.2\.ffn\.experts\.0\.w1\.weight/);
  assert.match(text, /… and 252 more/);
  assert.equal((await inspectHeaders(tensors, config, "--cost")).found.error.code, "model/missing-tensor");
});

test("an architecture Tandem does not run: tensors, dtypes and bytes all the same", async () => {
  const tensors: TensorSpec[] = [
    { name: "model.layers.0.mlp.up_proj.weight", type: "E4M3", shape: [256, 384] },
    { name: "model.layers.0.mlp.up_proj.weight_scale_inv", type: "F32", shape: [2, 3] },
    { name: "model.norm.weight", type: "BF16", shape: [384] },
  ];
  const { found, text } = await inspectHeaders(tensors, { model_type: "deepseek_v3" });
  assert.deepEqual([found.architecture.type, found.architecture.supported], ["deepseek_v3", false]);
  assert.equal(found.parameters, 256 * 384 + 384);
  assert.equal(found.tensors.bytes, 256 * 384 + 24 + 768);
  assert.equal(found.revision.dialect.name, "v3.1");
  assert.deepEqual([found.layers, found.missing, found.memory], [undefined, undefined, undefined]);
  assert.match(text, /architecture deepseek_v3, not run by Tandem/);
  assert.equal((await inspectHeaders(tensors, { model_type: "deepseek_v3" }, "--cost")).found.error.code, "model/unsupported-architecture");
});

test("names from a hostile config cannot drive the terminal", async () => {
  const { text } = await inspectHeaders([{ name: "a", type: "BF16", shape: [1] }], { model_type: "\u001b[2Jgone" });
  assert.ok(!text.includes("\u001b"));
});
