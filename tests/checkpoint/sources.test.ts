import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, open, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeHeader } from "../../src/checkpoint/encode-header.ts";
import { blobSource, memorySource } from "../../src/checkpoint/index.ts";
import { fileSource, openCheckpoint } from "../../src/checkpoint/node.ts";
import { withCode } from "./raw-file.ts";

let folder: string;
before(async () => void (folder = await mkdtemp(join(tmpdir(), "tandem-sources-"))));
after(() => rm(folder, { recursive: true }));

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);

test("all kinds of source read the same bytes and refuse the same ranges", async () => {
  const path = join(folder, "kinds");
  await writeFile(path, bytes);
  for (const source of [await fileSource(path), blobSource("blob", new Blob([bytes])), memorySource("memory", bytes)]) {
    assert.equal(source.size, 1000);
    assert.deepEqual(await source.read(3, 500), bytes.slice(3, 503), source.name);
    assert.equal((await source.read(3, 500)).byteOffset, 0, "results start at an aligned address");
    assert.equal((await source.read(1000, 0)).length, 0);
    for (const [offset, length] of [
      [-1, 1],
      [0, -1],
      [0, 1001],
      [1000, 1],
      [0.5, 1],
      [0, Number.NaN],
      [2 ** 53, 1],
      [1, 2 ** 53 - 1],
      [Infinity, 1],
    ])
      await assert.rejects(source.read(offset, length), withCode("checkpoint/bad-range"), `${source.name} ${offset} ${length}`);
    await source.close();
  }
});

test("a file that shrinks while it is in use is an error, not zeros", async () => {
  const path = join(folder, "shrinks");
  await writeFile(path, bytes);
  const source = await fileSource(path);
  await truncate(path, 600);
  // Also what is still there: it may belong to another file by now.
  await assert.rejects(source.read(0, 600), withCode("checkpoint/short-read"));
  await assert.rejects(source.read(0, 601), withCode("checkpoint/short-read"));
  await source.close();
  await assert.rejects(source.read(0, 1), withCode("io/failed"));
});

test("a file that is written to while it is in use is an error, not a mixture", async () => {
  const path = join(folder, "changes");
  await writeFile(path, bytes);
  const source = await fileSource(path);
  await source.read(0, 10);
  await new Promise((r) => setTimeout(r, 10));
  await writeFile(
    path,
    bytes.map((b) => b ^ 1),
  );
  await assert.rejects(source.read(0, 10), withCode("checkpoint/changed"));
  await assert.rejects(source.readInto!(new Uint8Array(10), 0), withCode("checkpoint/changed"));
  await source.close();
});

test("absent files, folders and pipes are refused at once", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  for (const path of [join(folder, "absent"), folder, pipe, "/dev/zero"])
    await assert.rejects(fileSource(path), withCode("io/failed"), path);
});

test("tensors beyond 4 GiB: positions, and a read in several pieces", async () => {
  const path = join(folder, "model.safetensors");
  const big = 5 * 2 ** 30;
  const header = encodeHeader(
    [
      { name: "big", type: "U8", shape: [5, 2 ** 30] },
      { name: "last", type: "U8", shape: [4] },
    ],
    path,
  );
  const file = await open(path, "w");
  await file.write(header.bytes, 0, header.bytes.length, 0);
  // Everything between is a hole: the file takes a few kilobytes on disk.
  const marks = [0, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 32, big - 1, big];
  for (const [i, at] of marks.entries()) await file.write(Uint8Array.of(i + 1), 0, 1, header.bytes.length + at);
  await file.truncate(header.bytes.length + big + 4);
  await file.close();
  await writeFile(join(folder, "config.json"), "{}");

  const checkpoint = await openCheckpoint(folder);
  const tensor = checkpoint.tensors.get("big")!;
  assert.equal(tensor.byteLength, big);
  for (const [i, at] of marks.slice(0, -1).entries()) assert.deepEqual(await tensor.read(at, 1), Uint8Array.of(i + 1));
  assert.deepEqual(await checkpoint.tensors.get("last")!.read(), Uint8Array.of(6, 0, 0, 0));
  await assert.rejects(tensor.read(big, 1), withCode("checkpoint/bad-range"));
  // 272 MiB across the 4 GiB line: more than one piece of 256 MiB, so the marks before and behind it come from different calls.
  const start = 2 ** 32 - 2 ** 28 - 2 ** 23;
  const long = await tensor.read(start, 2 ** 28 + 2 ** 24);
  assert.deepEqual([long[2 ** 32 - 1 - start], long[2 ** 32 - start], long.length], [3, 4, 2 ** 28 + 2 ** 24]);
  await checkpoint.close();
});

test("symbolic links are followed, as in the hub cache", async () => {
  const linked = join(folder, "linked");
  await writeFile(join(folder, "blob"), bytes);
  await symlink("blob", linked);
  const source = await fileSource(linked);
  assert.deepEqual(await source.read(0, 1000), bytes);
  await source.close();
});
