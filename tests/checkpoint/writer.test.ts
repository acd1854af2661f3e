import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { memorySource, readHeader } from "../../src/checkpoint/index.ts";
import { openCheckpoint, type TensorToWrite, writeCheckpoint, writeHeaderOnly, writeSafetensors } from "../../src/checkpoint/node.ts";
import { withCode } from "./raw-file.ts";

let folder: string;
before(async () => void (folder = await mkdtemp(join(tmpdir(), "tandem-writer-"))));
after(() => rm(folder, { recursive: true }));

const fill = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => i * 31 + seed);
async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Odd sizes on purpose, so that alignment does not come by itself. */
const contents = new Map<string, Uint8Array>([
  ["scale", fill(3, 1)],
  ["__proto__", fill(5 * 2, 2)],
  ["table", fill(8, 3)],
  ["weight", fill(4 * 7, 4)],
  ["none", new Uint8Array(0)],
  ['é"\\', fill(4, 5)],
]);
const tensors: TensorToWrite[] = [
  { name: "scale", type: "E8M0", shape: [3], data: () => contents.get("scale")! },
  { name: "__proto__", type: "BF16", shape: [5], data: async () => contents.get("__proto__")! },
  { name: "table", type: "I64", shape: [1], data: () => inPieces(contents.get("table")!, 3) },
  { name: "weight", type: "F32", shape: [7], data: () => inPieces(contents.get("weight")!, 1) },
  { name: "none", type: "F32", shape: [0, 9], data: () => contents.get("none")! },
  { name: 'é"\\', type: "E2M1", shape: [2, 4], data: () => contents.get('é"\\')! },
];

async function assertSame(directory: string) {
  const checkpoint = await openCheckpoint(directory);
  assert.deepEqual(new Set(checkpoint.tensors.keys()), new Set(contents.keys()));
  for (const { name, type, shape } of tensors) {
    const found = checkpoint.tensors.get(name)!;
    assert.deepEqual([found.type, found.shape, await found.read()], [type, shape, contents.get(name)], name);
  }
  await checkpoint.close();
  return checkpoint;
}

test("one file: what was written is read back, aligned, with metadata", async () => {
  const path = join(folder, "one.safetensors");
  await writeSafetensors(path, tensors, {
    metadata: new Map([
      ["format", "pt"],
      ["__proto__", "x"],
    ]),
  });
  const bytes = await readFile(path);
  const header = await readHeader(memorySource(path, bytes));
  assert.deepEqual(
    header.metadata,
    new Map([
      ["format", "pt"],
      ["__proto__", "x"],
    ]),
  );
  assert.equal(header.dataStart % 8, 0);
  const sizes: Record<string, number> = { I64: 8, F32: 4, BF16: 2 };
  for (const { name, type, begin, end } of header.tensors) {
    assert.equal(begin % (sizes[type] ?? 1), 0, `${name} starts at a multiple of its element size`);
    assert.deepEqual(new Uint8Array(bytes.subarray(header.dataStart + begin, header.dataStart + end)), contents.get(name));
  }
});

test("a folder: one file without an index, or shards with one, and side files", async () => {
  const config = new TextEncoder().encode('{"model_type":"test"}');
  const sideFiles = new Map([
    ["config.json", config],
    ["encoding/notes.txt", fill(9, 9)],
  ]);
  const one = join(folder, "folder", "one");
  await writeCheckpoint(one, tensors, { sideFiles });
  assert.deepEqual((await readdir(one)).sort(), ["config.json", "encoding", "model.safetensors"]);
  assert.equal((await assertSame(one)).config.model_type, "test");

  const many = join(folder, "folder", "many");
  const seen: number[] = [];
  await writeCheckpoint(many, tensors, { sideFiles, maxShardBytes: 14, onProgress: (done, total) => seen.push(done, total) });
  const checkpoint = await assertSame(many);
  // 3 + 10 bytes, 8, 28 (above the limit, so alone), 0 + 4
  assert.deepEqual(
    checkpoint.files.map(({ name }) => name),
    [1, 2, 3, 4].map((i) => `model-0000${i}-of-00004.safetensors`),
  );
  assert.equal(checkpoint.totalSize, 53);
  assert.deepEqual(seen.slice(-2), [53, 53]);
  assert.deepEqual(await readFile(join(many, "encoding/notes.txt")), Buffer.from(fill(9, 9)));
});

test("nothing half-written: too few bytes, too many, an endless source, a failing one", async () => {
  async function* endless() {
    for (;;) yield fill(1000, 0);
  }
  // biome-ignore lint/correctness/useYield: it fails before it has anything
  async function* failing(): AsyncGenerator<Uint8Array> {
    throw new Error("the source broke");
  }
  const directory = join(folder, "failed");
  await mkdir(directory);
  const path = join(directory, "model.safetensors");
  await writeFile(path, "the file from before");
  for (const [data, code] of [
    [() => fill(3, 0), "checkpoint/wrong-byte-length"],
    [() => fill(5, 0), "checkpoint/wrong-byte-length"],
    [endless, "checkpoint/wrong-byte-length"],
    [failing, "checkpoint/write-failed"],
  ] as const) {
    const bad: TensorToWrite = { name: "bad", type: "F32", shape: [1], data };
    await assert.rejects(writeSafetensors(path, [...tensors, bad]), withCode(code));
    await assert.rejects(writeCheckpoint(directory, [...tensors, bad], { maxShardBytes: 10 }), withCode(code));
  }
  assert.deepEqual(await readdir(directory), ["model.safetensors"]);
  assert.equal(await readFile(path, "utf8"), "the file from before");
});

test("a full disk has a code", { skip: !(await stat("/dev/full").catch(() => undefined)) }, async () => {
  const { open } = await import("node:fs/promises");
  const { publish, writeAll } = await import("../../src/checkpoint/publish-node.ts");
  const path = join(folder, "full");
  const full = await open("/dev/full", "w");
  const write = () => writeAll(full, fill(10, 0));
  await assert.rejects(publish([{ path, write }]), withCode("checkpoint/write-failed"));
  await full.close();
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith("full")));
});

test("a folder that cannot be written has a code", async () => {
  await writeFile(join(folder, "file"), "");
  await assert.rejects(writeSafetensors(join(folder, "file", "model.safetensors"), tensors), withCode("checkpoint/write-failed"));
});

test("refuses what no reader would accept", async () => {
  const path = join(folder, "refused.safetensors");
  const write = (spec: object) => writeHeaderOnly(path, [{ name: "a", type: "F32", shape: [1], ...spec }]);
  await assert.rejects(write({ name: "" }), withCode("checkpoint/bad-name"));
  await assert.rejects(write({ name: "__metadata__" }), withCode("checkpoint/duplicate-tensor"));
  await assert.rejects(write({ type: "HIF8" }), withCode("checkpoint/unknown-dtype"));
  for (const shape of [[-1], [0.5], [2 ** 53], [2 ** 40, 2 ** 40]])
    await assert.rejects(write({ shape }), withCode("checkpoint/bad-shape"));
  await assert.rejects(write({ type: "E2M1", shape: [3] }), withCode("checkpoint/bad-shape"));
  await assert.rejects(writeSafetensors(path, [tensors[0], tensors[0]]), withCode("checkpoint/duplicate-tensor"));
  await assert.rejects(
    writeCheckpoint(folder, [tensors[0], tensors[1], tensors[0]], { maxShardBytes: 1 }),
    withCode("checkpoint/duplicate-tensor"),
  );
  await assert.rejects(
    writeCheckpoint(folder, tensors, { sideFiles: new Map([["../x", fill(1, 1)]]) }),
    withCode("checkpoint/unsafe-path"),
  );
  await assert.rejects(stat(path));
});
