import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { platform, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { runCli } from "../../src/cli/cli.ts";
import { parseSize } from "../../src/cli/size.ts";
import { cli, json, spawnCli, Terminal } from "./terminal.ts";

test("sizes", () => {
  for (const [text, bytes] of [
    ["6GiB", 6 * 2 ** 30],
    ["800MB", 8e8],
    ["2.5 gb", 2.5e9],
    ["1tib", 2 ** 40],
    ["512KiB", 2 ** 19],
    ["1048576", 2 ** 20],
    ["7B", 7],
  ] as const)
    assert.equal(parseSize(text, "--memory"), bytes, text);
  for (const text of ["", "GB", "-1GB", "6 Gbit", "1e9", "9999999TB", "6GiB please"])
    assert.throws(() => parseSize(text, "--memory"), { code: "cli/bad-argument" }, text);
});

const QUESTION = ["run", "minnow", "What is 17 + 25?", "--temperature", "0", "--context", "512"];

test("a budget below the least is refused with what takes how much; the least it names works, and answers the same", async () => {
  const { error } = await json([...QUESTION, "--memory", "50MB"]);
  assert.equal(error.code, "plan/does-not-fit");
  const [, least] = /needs at least ([\d.]+ MB) of memory; --memory allows 50.0 MB\. It is made up of: .*\d+ of \d+ routed experts/.exec(
    error.message,
  )!;
  assert.ok(least);

  const streamed = await json([...QUESTION, "--memory", least]);
  const whole = await json(QUESTION);
  assert.deepEqual([streamed.content, streamed.reasoning], [whole.content, whole.reasoning]);
  assert.deepEqual([typeof streamed.streaming.hits, whole.streaming], ["number", undefined]);
  const { hits, misses, bytesRead, waitedMs } = streamed.streaming;
  assert.ok(hits > 0 && misses > 0 && bytesRead > 0 && waitedMs > 0);

  const { out, err } = await cli([...QUESTION, "--memory", least, "--no-thinking"]);
  const direct = await cli([...QUESTION, "--no-thinking"]);
  assert.deepEqual([out, direct.err], [direct.out, ""]);
  assert.match(err, /^\(experts read from disk: [\d.]+ % of them were in memory when needed, [\d.]+ .?B read, [\d.]+ s waited\)\n$/);
});

test("a chat says at its end what streaming has cost", async () => {
  const { error } = await json([...QUESTION, "--memory", "50MB"]);
  const [, least] = /at least ([\d.]+ MB)/.exec(error.message)!;
  const terminal = new Terminal({ input: "What is 17 + 25?\n" });
  const options = ["--context", "512", "--memory", least!, "--no-thinking", "--temperature", "0"];
  assert.equal(await runCli(["chat", "minnow", ...options], terminal), 0);
  assert.match(terminal.out, /The answer is \d+\./);
  assert.match(terminal.err, /^\(experts read from disk: .*\)\n$/);
});

test("logits within a budget are the logits; threads and interpreter do what they say", async () => {
  const ask = ["logits", "minnow", "--tokens", "0,20,21,5,9", "--full", "--positions", "4"];
  const { error } = await json([...ask, "--memory", "50MB", "--threads", "2"]);
  const [, least] = /at least ([\d.]+ MB)/.exec(error.message)!;
  const whole = await json(ask);
  assert.deepEqual(await json([...ask, "--memory", least!, "--threads", "2"]), whole);
  // Without rounding, or a sum on the edge between two values would part them.
  const [fast, reference] = [
    await json([...ask, "--numerics", "float"]),
    await json([...ask, "--numerics", "float", "--interpreter", "reference"]),
  ];
  assert.notDeepEqual(reference, fast);
  const apart = reference.positions[0].logits.map((v: number, i: number) => Math.abs(v - fast.positions[0].logits[i]));
  assert.ok(Math.max(...apart) < 1e-3, `${Math.max(...apart)}`);
  assert.equal((await json([...ask, "--interpreter", "reference", "--threads", "2"])).error.code, "cli/bad-argument");
  assert.equal((await json([...ask, "--interpreter", "abacus"])).error.code, "cli/bad-argument");
  assert.equal((await json([...ask, "--interpreter", "reference", "--memory", "50MB"])).error.code, "plan/does-not-fit");
});

test("killed while experts are read from disk: nothing is left behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tandem-killed-"));
  const model = resolve(import.meta.dirname, "../../models/minnow");
  const before = await readdir(model);
  try {
    // Token by token: some ten seconds, were it let go on.
    const ask = ["logits", "minnow", "--tokens", Array(3000).fill(5).join(), "--positions", "0", "--chunk", "1"];
    const { error } = await json([...ask, "--memory", "50MB"]);
    const [, least] = /at least ([\d.]+ MB)/.exec(error.message)!;
    const { child, done } = spawnCli([...ask, "--memory", least!], { TMPDIR: folder, TMP: folder, TEMP: folder });
    await new Promise((r) => setTimeout(r, 1500));
    child.kill("SIGKILL");
    assert.deepEqual(await done, { status: null, out: "", err: "" });
    assert.deepEqual([await readdir(folder), await readdir(model)], [[], before]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a process keeps to what was computed for it", { skip: platform() !== "linux" }, async () => {
  const source = (path: string) => JSON.stringify(resolve(import.meta.dirname, "../../src", path));
  const script = `
    import { readFileSync } from "node:fs";
    const { Engine } = await import(${source("engine/index.ts")});
    const { memoryNeed } = await import(${source("plan/fit.ts")});
    const { openCheckpoint } = await import(${source("checkpoint/node.ts")});
    const { auditTensors, supportedConfig } = await import(${source("models/index.ts")});
    const folder = ${JSON.stringify(resolve(import.meta.dirname, "../../models/minnow"))};
    const checkpoint = await openCheckpoint(folder);
    const config = supportedConfig(checkpoint.config);
    const need = await memoryNeed(config, auditTensors(config, checkpoint.tensors).weights, { context: 1000, threads: 2 });
    await checkpoint.close();
    const engine = await Engine.load(folder, { threads: 2, context: 1000 });
    const session = engine.session();
    for (let turn = 0; turn < 3; turn++)
      for await (const _ of session.send("What is 17 + 25? ".repeat(16), { maxTokens: 80, seed: turn }));
    const [, peak] = /VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
    console.log(JSON.stringify({ need: need.totalBytes, peak: 1024 * peak }));
    await engine.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  const { need, peak } = JSON.parse(stdout);
  assert.ok(peak < need, `${peak} used, ${need} computed`);
  assert.ok(peak > need / 2, `${peak} used, ${need} computed`);
});
