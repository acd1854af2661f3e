import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { runCli } from "../../src/cli/cli.ts";
import { configOf } from "../../src/synth/index.ts";
import { cli, json, spawnCli, Terminal } from "./terminal.ts";

let folder: string;
before(async () => void (folder = await mkdtemp(join(tmpdir(), "tandem-synth-"))));
after(() => rm(folder, { recursive: true }));

test("synth writes what inspect and logits read; chat says what is missing", async () => {
  const directory = join(folder, "plain");
  const { status, out, err } = await cli(["synth", directory, "--scale", "8m"]);
  assert.deepEqual([status, err], [0, ""]);
  assert.match(out, /^7,9\d\d,\d{3} parameters, 9.17 MB in 1 file\n5 layers of 128, 12 experts, vocabulary 5,120\n/);
  assert.ok(out.endsWith(`\n${directory}\n`));
  const found = await json(["inspect", directory]);
  assert.equal(`${found.parameters.toLocaleString("en-US")} parameters`, out.slice(0, out.indexOf(",", 10)));
  const { positions } = await json(["logits", directory, "--tokens", "1,5000,77", "--top", "2"]);
  assert.equal(positions.length, 3);
  for (const { top } of positions) for (const { logit } of top) assert.ok(Number.isFinite(logit));
  const chat = await json(["run", directory, "hello"]);
  assert.equal(chat.error.code, "engine/no-tokenizer");
});

test("--json tells all; --like, --seed, --max-shard and --tokenizer are honoured", async () => {
  const directory = join(folder, "pro");
  const options = ["--like", "pro", "--scale", "0.013b", "--seed", "9", "--max-shard", "2m", "--tokenizer", "minnow"];
  const made = await json(["synth", directory, ...options]);
  assert.deepEqual(Object.keys(made).sort(), ["bytes", "config", "files", "location", "parameters"]);
  assert.deepEqual(made.config, configOf("pro", 1.3e7));
  assert.deepEqual(made.config, JSON.parse(await readFile(join(directory, "config.json"), "utf8")));
  assert.equal(made.location, directory);
  assert.ok(made.files.length > 3);
  assert.deepEqual((await readdir(directory)).filter((name) => /^model-/.test(name)).sort(), made.files.sort());
  assert.match((await readFile(join(directory, made.files[0]))).subarray(8, 200).toString(), /like pro, seed 9/);
  const said = await json(["run", directory, "hello", "--max-tokens", "3", "--no-thinking", "--temperature", "0"]);
  assert.equal(said.error, undefined);
  assert.equal(said.usage.completionTokens, 3);
});

test("a folder in use is refused unless forced", async () => {
  const directory = join(folder, "used");
  const once = () => cli(["synth", directory, "--scale", "8m", "--json"]);
  assert.equal((await once()).status, 0);
  const again = await once();
  assert.deepEqual([again.status, JSON.parse(again.out).error.code], [1, "synth/not-empty"]);
  assert.equal((await cli(["synth", directory, "--scale", "8m", "--force"])).status, 0);
});

for (const [why, argv] of Object.entries({
  "a scale that is no amount": ["--scale", "big"],
  "a negative scale": ["--scale=-1b"],
  "another family": ["--like", "v3"],
  "a seed that is no number": ["--seed", "x"],
}))
  test(`${why} is a wrong command line`, async () => {
    const { status, out } = await cli(["synth", join(folder, "never"), ...argv, "--json"]);
    assert.deepEqual([status, JSON.parse(out).error.code], [2, "cli/bad-argument"]);
  });

test("a scale out of range says what the range is", async () => {
  const { status, err } = await cli(["synth", join(folder, "never"), "--scale", "300b"]);
  assert.equal(status, 1);
  assert.match(err, /^error \[synth\/bad-option\]: scale is 300000000000; expected from 5000000 to 290944616402 \(full\)/);
});

test("Ctrl-C leaves an empty folder", async () => {
  const directory = join(folder, "stopped");
  const { child, done } = spawnCli(["synth", directory, "--scale", "1b"]);
  while (((await readdir(directory).catch(() => [])) as string[]).length === 0) await new Promise((r) => setTimeout(r, 5));
  child.kill("SIGINT");
  const { status, err } = await done;
  assert.deepEqual([status, await readdir(directory)], [1, []]);
  assert.match(err, /^error \[synth\/aborted\]/);
  assert.ok(!err.includes("█"), "no progress bar in a pipe");
});

test("a terminal gets a bar, if it takes longer than two seconds, and gets it taken away", async () => {
  const terminal = new Terminal({ tty: true });
  const start = performance.now();
  // The clock is what the bar looks at.
  const { now } = performance;
  performance.now = () => start + 100 * (now.call(performance) - start);
  try {
    assert.equal(await runCli(["synth", join(folder, "bar"), "--scale", "30m"], terminal), 0);
  } finally {
    performance.now = now;
  }
  await new Promise((r) => setImmediate(r));
  assert.match(terminal.err, /writing █*░* [\d.]+ .?B of 36.\d MB/);
  assert.ok(terminal.err.endsWith("\r\u001b[K"));
});
