import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { openCheckpoint } from "../../../src/checkpoint/node.ts";
import { Engine } from "../../../src/engine/index.ts";
import { load, MINNOW, minnow, readThrough, trace } from "./streaming-support.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-streaming-"));
  for (const file of ["config.json", "model.safetensors"]) await copyFile(join(MINNOW, file), join(folder, file));
});
afterEach(() => rm(folder, { recursive: true }));

/** In whole seconds, which can be set again exactly. */
const WRITTEN = [1_750_000_000, 1_750_000_000] as const;

/** As many experts as one layer has: every slot is needed again and again. */
const ONE_LAYER = 16;

for (const threads of [1, 2])
  for (const [what, code, damage] of [
    ["cut off", "checkpoint/short-read", (file: string) => truncate(file, 2_000_000)],
    ["written to", "checkpoint/changed", (file: string) => writeFile(file, new Uint8Array(16), { flag: "r+" })],
  ] as const)
    test(`a weight file ${what} while experts are read from it: ${code}, and all is well once it is back (${threads} threads)`, async () => {
      const file = join(folder, "model.safetensors");
      await utimes(file, ...WRITTEN);
      const checkpoint = await openCheckpoint(folder);
      const { slotBytes } = (await probe()).experts;
      const streamed = await load(checkpoint, "official", { threads, expertBytes: ONE_LAYER * slotBytes });
      const expected = await trace(streamed);
      const bytes = await readFile(file);
      for (let round = 0; round < 3; round++) {
        await damage(file);
        await assert.rejects(trace(streamed), { code });
        await assert.rejects(trace(streamed), { code }, "still");
        await writeFile(file, bytes);
        await utimes(file, ...WRITTEN);
        assert.deepEqual(await trace(streamed), expected);
      }
      await streamed.ops.close();
      await checkpoint.close();
    });

/** What experts take in memory, without loading anything. */
async function probe() {
  const checkpoint = await minnow();
  const { ops } = await load(checkpoint, "official", { imagined: true });
  await checkpoint.close();
  return ops.counts;
}

test("a failed step is given up by all threads at once, not after a second", async () => {
  const checkpoint = await minnow();
  let broken = false;
  const failing = readThrough(checkpoint, async (_, read) => (broken ? Promise.reject(new Error("unplugged")) : read()));
  const { slotBytes } = (await probe()).experts;
  const streamed = await load(failing, "official", { threads: 3, expertBytes: ONE_LAYER * slotBytes });
  const expected = await trace(streamed);
  broken = true;
  const start = performance.now();
  for (let i = 0; i < 5; i++) await assert.rejects(trace(streamed), /unplugged/);
  const each = (performance.now() - start) / 5;
  broken = false;
  assert.deepEqual(await trace(streamed), expected);
  await streamed.ops.close();
  await checkpoint.close();
  assert.ok(each < 500, `${each} ms`);
});

test("a step fails only when nothing is being written into its slots any more", async () => {
  const checkpoint = await minnow();
  let broken = false;
  let writing = 0;
  const failing = readThrough(checkpoint, async (name, read) => {
    if (!broken || !/experts\.\d/.test(name)) return read();
    if (name.endsWith("w1.weight")) throw new Error("unplugged");
    writing++;
    await new Promise((r) => setTimeout(r, 20));
    await read();
    writing--;
  });
  const { slotBytes } = (await probe()).experts;
  const streamed = await load(failing, "official", { threads: 1, expertBytes: ONE_LAYER * slotBytes });
  broken = true;
  await assert.rejects(trace(streamed), /unplugged/);
  assert.equal(writing, 0);
  await streamed.ops.close();
  await checkpoint.close();
});

test("closing while a step waits for experts ends the step, and waits for the read", { timeout: 30_000 }, async () => {
  const checkpoint = await minnow();
  let go = () => {};
  let waiting = () => {};
  const asked = new Promise<void>((resolve) => (waiting = resolve));
  const released = new Promise<void>((resolve) => (go = resolve));
  const ended: string[] = [];
  const slow = readThrough(checkpoint, async (name, read) => {
    if (/experts\.\d/.test(name)) {
      waiting();
      await released;
    }
    await read();
  });
  const { slotBytes } = (await probe()).experts;
  const engine = await Engine.load(slow, { text: false, threads: 2, expertBytes: ONE_LAYER * slotBytes });
  const step = assert.rejects(engine.logits([1, 2, 3]), { code: "engine/closed" }).then(() => ended.push("step"));
  await asked;
  const closing = engine.close().then(() => ended.push("engine"));
  await step;
  assert.deepEqual(ended, ["step"]);
  go();
  await closing;
  await checkpoint.close();
});
