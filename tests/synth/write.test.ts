import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openCheckpoint, requireSpace } from "../../src/checkpoint/node.ts";
import { inspect } from "../../src/plan/inspect.ts";
import { configOf, syntheticCheckpoint } from "../../src/synth/index.ts";
import { type SynthOptions, writeSynthetic } from "../../src/synth/write-node.ts";
import { withCode } from "../checkpoint/raw-file.ts";

const SMALL: SynthOptions = { like: "flash", scale: 8e6 };
let folder: string;
before(async () => void (folder = await mkdtemp(join(tmpdir(), "tandem-synth-"))));
after(() => rm(folder, { recursive: true }));

const sha256 = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

test("what is written opens, lacks nothing, and holds what the checkpoint without a disk holds", async () => {
  const directory = join(folder, "not/yet/there");
  const progress: number[] = [];
  const made = await writeSynthetic(directory, { ...SMALL, onProgress: (done, total) => progress.push(done / total) });
  assert.deepEqual((await readdir(directory)).sort(), ["config.json", "model.safetensors"]);
  assert.equal(progress.at(-1), 1);
  const checkpoint = await openCheckpoint(directory);
  const found = await inspect(checkpoint, { headersOnly: false, context: 4096, machine: { totalBytes: 1e12, freeBytes: 1e12 } });
  assert.deepEqual([found.missing?.count, found.unexpected?.count, found.revision.expertStorage], [0, 0, "E2M1 with E8M0 scales"]);
  assert.deepEqual([found.location, found.parameters, found.files.bytes], [made.location, made.parameters, made.bytes]);
  assert.equal((await stat(join(directory, "model.safetensors"))).size, made.bytes);
  assert.ok(Math.abs(made.parameters / 8e6 - 1) < 0.05);
  assert.deepEqual(checkpoint.config, configOf("flash", 8e6));
  for (const [name, tensor] of syntheticCheckpoint(checkpoint.config).tensors)
    assert.deepEqual(await checkpoint.tensors.get(name)!.read(), await tensor.read(), name);
  await checkpoint.close();
});

test("the same seed writes the same file twice, another seed another one", async () => {
  const hashes: string[] = [];
  for (const [name, seed] of Object.entries({ a: 7, b: 7, c: 2 ** 40 })) {
    await writeSynthetic(join(folder, name), { ...SMALL, seed });
    hashes.push(await sha256(join(folder, name, "model.safetensors")));
  }
  assert.equal(hashes[0], hashes[1]);
  assert.notEqual(hashes[0], hashes[2]);
});

test("shards with an index hold the same tensors; so small that no reader would take them all, they are refused", async () => {
  const directory = join(folder, "shards");
  const { files, bytes, location } = await writeSynthetic(directory, { ...SMALL, maxShardBytes: 1e6 });
  assert.ok(files.length > 5);
  assert.equal((await readdir(location)).length, files.length + 2);
  const checkpoint = await openCheckpoint(directory);
  assert.equal(
    checkpoint.files.reduce((sum, { size }) => sum + size, 0),
    bytes,
  );
  for (const { size } of checkpoint.files) assert.ok(size < 1.4e6, "one tensor of 1.3 MB is larger than the limit, with a file of its own");
  for (const [name, tensor] of syntheticCheckpoint(checkpoint.config).tensors)
    assert.deepEqual(await checkpoint.tensors.get(name)!.read(), await tensor.read(), name);
  await checkpoint.close();
  for (const maxShardBytes of [0, 1000, Number.NaN])
    await assert.rejects(writeSynthetic(join(folder, "dust"), { ...SMALL, maxShardBytes }), withCode("synth/bad-option"));
});

test("a folder with anything in it is left alone; forced, the checkpoint in it is replaced and nothing else", async () => {
  const directory = join(folder, "used");
  await writeSynthetic(directory, { ...SMALL, maxShardBytes: 1e6 });
  const others = ["notes.txt", "config.json.bak", "model.safetensors.0123.tmp", "tokenizer.json", "model-1.safetensors"];
  const leftover = "model-00002-of-00009.safetensors.0123456789ab.tmp";
  for (const name of [...others, leftover]) await writeFile(join(directory, name), name);
  const before = await readdir(directory);
  await assert.rejects(writeSynthetic(directory, SMALL), withCode("synth/not-empty"));
  assert.deepEqual(await readdir(directory), before);
  await writeSynthetic(directory, { ...SMALL, seed: 3, force: true });
  assert.deepEqual((await readdir(directory)).sort(), [...others, "config.json", "model.safetensors"].sort());
  for (const name of others) assert.equal(await readFile(join(directory, name), "utf8"), name);

  await writeFile(join(folder, "file"), "");
  await assert.rejects(writeSynthetic(join(folder, "file"), SMALL), withCode("io/failed"));
});

test("stopped in the middle, it leaves no checkpoint, neither a new one nor half of the old", async () => {
  const directory = join(folder, "stopped");
  await mkdir(directory);
  for (const force of [false, true]) {
    const controller = new AbortController();
    const stop = (done: number, total: number) => done > total / 2 && controller.abort();
    const writing = writeSynthetic(directory, { ...SMALL, maxShardBytes: 1e6, force, signal: controller.signal, onProgress: stop });
    await assert.rejects(writing, withCode("synth/aborted"));
    assert.deepEqual(await readdir(directory), []);
    await assert.rejects(openCheckpoint(directory), withCode("checkpoint/not-a-checkpoint"));
    if (!force) await writeSynthetic(directory, { ...SMALL, maxShardBytes: 2e6 });
  }
});

test("space is looked for before anything is written, on the disk the folder will be on", async () => {
  await requireSpace(join(folder, "nowhere/b/c"), 1, "synth/no-space");
  await assert.rejects(requireSpace(join(folder, "nowhere/b/c"), Number.MAX_SAFE_INTEGER, "synth/no-space"), withCode("synth/no-space"));
  await assert.rejects(stat(join(folder, "nowhere")));
});

test("a tokenizer comes along if the vocabulary has room for it", async () => {
  const tokenizer = await readFile(new URL("../../models/minnow/tokenizer.json", import.meta.url));
  const directory = join(folder, "talks");
  await writeSynthetic(directory, { ...SMALL, tokenizer });
  assert.deepEqual(await readFile(join(directory, "tokenizer.json")), tokenizer);
  const large = Buffer.from(tokenizer.toString().replace(/"id": ?\d+,(\s*"content": ?"<｜User｜>")/, '"id":200000,$1'));
  assert.notDeepEqual(large, tokenizer);
  await assert.rejects(writeSynthetic(join(folder, "dumb"), { ...SMALL, tokenizer: large }), withCode("synth/bad-option"));
  await assert.rejects(
    writeSynthetic(join(folder, "dumb"), { ...SMALL, tokenizer: Buffer.from("{}") }),
    withCode("text/tokenizer-invalid"),
  );
  await assert.rejects(stat(join(folder, "dumb")));
});

test("a seed that is none, or a scale out of range, is refused before anything is touched", async () => {
  for (const seed of [-1, 0.5, 2 ** 53, Number.NaN])
    await assert.rejects(writeSynthetic(join(folder, "bad"), { ...SMALL, seed }), withCode("synth/bad-option"));
  await assert.rejects(writeSynthetic(join(folder, "bad"), { ...SMALL, scale: 10 }), withCode("synth/bad-option"));
  await assert.rejects(stat(join(folder, "bad")));
});
