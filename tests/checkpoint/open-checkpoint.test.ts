import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { type ByteSource, checkpointFromSources, encodeHeader, memorySource } from "../../src/checkpoint/index.ts";
import { MAX_CONFIG_BYTES, MAX_DEPTH, MAX_SHARDS } from "../../src/checkpoint/limits.ts";
import { openCheckpoint } from "../../src/checkpoint/node.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { headerOnlyCheckpoint } from "../fixtures/checkpoint/header-only.ts";
import { rawFile, withCode } from "./raw-file.ts";

type Files = Record<string, string | Uint8Array>;
const INDEX = "model.safetensors.index.json";

const utf8 = (text: string) => new TextEncoder().encode(text);
const sources = (files: Files): ByteSource[] =>
  Object.entries(files).map(([name, content]) => memorySource(name, typeof content === "string" ? utf8(content) : content));
const open = (files: Files) => checkpointFromSources(sources(files), { location: "test" });
const index = (weight_map: unknown, metadata: unknown = {}) => JSON.stringify({ metadata, weight_map });

/** A shard with tensors of four bytes, the i-th filled with i. */
function shard(...names: string[]): Uint8Array {
  const header = encodeHeader(
    names.map((name) => ({ name, type: "F32" as const, shape: [1] })),
    "shard",
  );
  return new Uint8Array([...header.bytes, ...names.flatMap((_, i) => [i, i, i, i])]);
}

/** A sound checkpoint of two shards, with some files replaced. */
const sharded = (files: Files = {}): Files => ({
  "config.json": '{"model_type":"deepseek_v4"}',
  [INDEX]: index({ a: "1.safetensors", b: "1.safetensors", c: "2.safetensors" }, { total_size: 12 }),
  "1.safetensors": shard("a", "b"),
  "2.safetensors": shard("c"),
  ...files,
});
const single = (files: Files): Files => ({ "config.json": "{}", "model.safetensors": shard("a"), ...files });
const deep = (n: number) => "[".repeat(n) + "]".repeat(n);
const manyShards = Object.fromEntries(Array.from({ length: MAX_SHARDS + 1 }, (_, i) => [`t${i}`, `${i}.safetensors`]));

const defects: [string, ErrorCode, Files][] = [
  ["no files", "checkpoint/not-a-checkpoint", {}],
  ["no config", "checkpoint/not-a-checkpoint", { "model.safetensors": shard("a") }],
  ["no weights", "checkpoint/not-a-checkpoint", { "config.json": "{}" }],
  ["an empty config", "checkpoint/bad-config", single({ "config.json": "" })],
  ["a config that is a list", "checkpoint/bad-config", single({ "config.json": "[]" })],
  ["a config that is null", "checkpoint/bad-config", single({ "config.json": "null" })],
  ["a config that is not UTF-8", "checkpoint/bad-config", single({ "config.json": Uint8Array.of(0x22, 0xff, 0x22) })],
  ["a config nested 400,000 deep that does not end", "checkpoint/bad-config", single({ "config.json": "[".repeat(4e5) })],
  ["a config above the limit", "checkpoint/file-too-large", single({ "config.json": `{${" ".repeat(MAX_CONFIG_BYTES)}}` })],
  ["an index that is not JSON", "checkpoint/bad-index", sharded({ [INDEX]: "{" })],
  ["an index that is not UTF-8", "checkpoint/bad-index", sharded({ [INDEX]: Uint8Array.of(0x7b, 0xff) })],
  ["an index without a map", "checkpoint/bad-index", sharded({ [INDEX]: "{}" })],
  ["an index with two maps", "checkpoint/bad-index", sharded({ [INDEX]: '{"weight_map":{},"weight_map":{}}' })],
  ["a map that is a list", "checkpoint/bad-index", sharded({ [INDEX]: index(["1.safetensors"]) })],
  ["a map of numbers", "checkpoint/bad-index", sharded({ [INDEX]: index({ a: 1 }) })],
  ["an index nested too deep", "checkpoint/bad-index", sharded({ [INDEX]: `{"x":${deep(MAX_DEPTH + 2)},"weight_map":{}}` })],
  ["an index nested 100,000 deep", "checkpoint/bad-index", sharded({ [INDEX]: `{"metadata":{"x":${deep(1e5)}},"weight_map":{}}` })],
  ["a map with a terminal escape", "checkpoint/bad-name", sharded({ [INDEX]: index({ "\u001b[2J": "1.safetensors" }) })],
  [
    "a tensor twice in the map",
    "checkpoint/duplicate-tensor",
    sharded({ [INDEX]: '{"weight_map":{"a":"1.safetensors","a":"2.safetensors"}}' }),
  ],
  ["a tensor in two shards", "checkpoint/duplicate-tensor", sharded({ "2.safetensors": shard("c", "a") })],
  [
    "a tensor in the other shard than the map says",
    "checkpoint/tensor-not-in-index",
    sharded({ "2.safetensors": shard("b"), "1.safetensors": shard("a", "c") }),
  ],
  ["a tensor that the map does not know", "checkpoint/tensor-not-in-index", sharded({ "2.safetensors": shard("c", "d") })],
  ["a tensor that its shard lacks", "checkpoint/tensor-missing", sharded({ "1.safetensors": shard("a") })],
  ["a shard that is not there", "checkpoint/shard-missing", { "config.json": "{}", [INDEX]: index({ a: "1.safetensors" }) }],
  ["too many shards", "checkpoint/too-many-shards", sharded({ [INDEX]: index(manyShards) })],
  [
    "a shard with a bad header",
    "checkpoint/gap",
    sharded({ "2.safetensors": rawFile('{"c":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2) }),
  ],
  ...["../1.safetensors", "/etc/passwd", "a/../../b", "a//b", "./a", "", "a\\..\\b", "C:a", "a\0b", "a\nb", "\ud800", "x".repeat(2000)].map(
    (path): [string, ErrorCode, Files] => [
      `the shard name ${JSON.stringify(path).slice(0, 30)}`,
      "checkpoint/unsafe-path",
      sharded({ [INDEX]: index({ a: path }) }),
    ],
  ),
];

for (const [name, code, files] of defects) {
  test(`refuses ${name}`, () => assert.rejects(open(files), withCode(code)));
}

test("a sharded checkpoint: order, sizes, bytes, side files", async () => {
  const checkpoint = await open(sharded({ "encoding/notes.txt": "hello" }));
  assert.deepEqual([...checkpoint.tensors.keys()], ["a", "b", "c"]);
  assert.equal(checkpoint.config.model_type, "deepseek_v4");
  assert.equal(checkpoint.totalSize, 12);
  assert.deepEqual(checkpoint.files, [
    { name: "1.safetensors", size: shard("a", "b").length },
    { name: "2.safetensors", size: shard("c").length },
  ]);
  const b = checkpoint.tensors.get("b")!;
  assert.deepEqual([b.type, b.shape, b.byteLength], ["F32", [1], 4]);
  assert.deepEqual(await b.read(), Uint8Array.of(1, 1, 1, 1));
  assert.deepEqual(await b.read(3), Uint8Array.of(1));
  // Bytes of the neighbours are in the file, but not in the tensor.
  for (const [offset, length] of [
    [-1, 1],
    [0, 5],
    [4, 1],
  ])
    await assert.rejects(b.read(offset, length), withCode("checkpoint/bad-range"));
  assert.equal(new TextDecoder().decode(await checkpoint.sideFile("encoding/notes.txt")), "hello");
  assert.equal(await checkpoint.sideFile("tokenizer.json"), undefined);
  await assert.rejects(checkpoint.sideFile("../secret"), withCode("checkpoint/unsafe-path"));
});

test("an index says more than it must: unknown fields, a total size that is no number", async () => {
  const map = '{"a":"1.safetensors","b":"1.safetensors","c":"2.safetensors"}';
  for (const metadata of ['{"total_size":1.5e11}', '{"total_size":"12"}', '{"other":[1,{"x":null}]}', "null", "7"]) {
    const checkpoint = await open(sharded({ [INDEX]: `{"metadata":${metadata},"more":[true,-1.5e-3,"x"],"weight_map":${map}}` }));
    assert.equal(checkpoint.totalSize, undefined, metadata);
  }
});

test("every source is closed when opening fails, and by close", async () => {
  const run = async (files: Files) => {
    let opened = 0;
    const folder = {
      location: "test",
      open: async (path: string) => {
        const source = sources(files).find(({ name }) => name === path);
        if (source) opened++;
        return source && { ...source, close: async () => void opened-- };
      },
    };
    const { openFolder } = await import("../../src/checkpoint/index.ts");
    const checkpoint = await openFolder(folder).catch(() => undefined);
    const held = opened;
    await checkpoint?.close();
    return [held, opened];
  };
  assert.deepEqual(await run(sharded()), [2, 0]);
  for (const [name, , files] of defects) assert.deepEqual(await run(files), [0, 0], name);
});

test("header-only folders: everything is checked and listed, the data is absent", async () => {
  const specs = [
    { name: "embed.weight", type: "BF16" as const, shape: [129280, 7168] },
    { name: "layers.0.ffn.experts.0.w1.weight", type: "INT8" as const, shape: [3072, 3584] },
    { name: "layers.0.ffn.experts.0.w1.scale", type: "E8M0" as const, shape: [3072, 224] },
  ];
  const directory = await headerOnlyCheckpoint(specs, {
    shardOf: (name) => (name.startsWith("layers") ? "shards/2.safetensors" : "1.safetensors"),
  });
  try {
    await assert.rejects(openCheckpoint(directory), withCode("checkpoint/range-outside-file"));
    const checkpoint = await openCheckpoint(directory, { headersOnly: true });
    const total = checkpoint.files.reduce((sum, { size }) => sum + size, 0);
    const bytes = 129280 * 7168 * 2 + 3072 * 3584 + 3072 * 224;
    assert.ok(total > bytes && total < bytes + 1000, "files have the sizes that their headers declare");
    await assert.rejects(checkpoint.tensors.get("embed.weight")!.read(0, 16), withCode("checkpoint/headers-only"));
    await checkpoint.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});
