import assert from "node:assert/strict";
import { test } from "node:test";
import type { BenchReport } from "../../src/bench/node.ts";
import { cli, json, spawnCli } from "./terminal.ts";

const QUICK = ["--quick", "--threads", "2", "--contexts", "20000,96", "--prefill", "130", "--profile"];

test("bench: one report with everything, held together by its own figures", async () => {
  const report: BenchReport = await json(["bench", "minnow", ...QUICK]);
  const { machine, model, read, kernels, prefill, decode, skipped, memory, profile } = report;
  assert.deepEqual([report.numerics, report.threads, read.threads, read.alone.length], ["official", 2, 2, 2]);
  assert.equal(machine.node, process.versions.node);
  assert.deepEqual([model.layers, model.hidden, model.experts, model.vocabulary], [6, 256, 16, 1024]);
  assert.ok(read.gbPerSecond > 0 && kernels.length >= 20 && kernels.every(({ ratio }) => ratio > 0));
  assert.deepEqual(
    prefill.map(({ tokens, chunk }) => [tokens, chunk]),
    [
      [130, 128],
      [130, 512],
    ],
  );
  assert.deepEqual(
    decode.map(({ context }) => context),
    [96],
  );
  assert.deepEqual(
    skipped.map(({ what, tokens }) => [what, tokens]),
    [["decode", 20000]],
  );
  const [d] = decode;
  assert.equal(d!.bytesPerToken, d!.weightBytes + d!.cacheBytes);
  assert.ok(Math.abs(d!.ratio - (d!.tokensPerSecond * d!.bytesPerToken) / (d!.readGbPerSecond * 1e9)) < 1e-12);
  assert.ok(memory.weights > 15e6 && memory.shared > memory.weights + memory.arena && memory.peak > memory.shared);
  assert.deepEqual([memory.cacheContext, profile!.context], [96, 96 + 128]);
});

test("bench for people: a section each, and what was skipped with its reason", async () => {
  const { status, out, err } = await cli(["bench", ...QUICK, "--numerics", "float"]);
  assert.deepEqual([status, err], [0, ""]);
  for (const text of [
    "numerics float, 2 threads",
    "\n  2 threads at once",
    "\n  matmulFP4Fixed",
    "\n  130 tokens  in steps of 128",
    "\n  at 96 tokens",
    "\n  20,000 tokens: not measured, the model was made for 17408 tokens",
    "\n  most the process held",
    "\none decode step at 224 tokens",
    "\n  expertUp",
    "\n  together",
  ])
    assert.ok(out.includes(text), `${text} in ${out}`);
});

test("bench refuses lengths and numerics that make no sense", async () => {
  for (const [argv, status, code] of [
    [["--contexts", "1"], 2, "cli/bad-argument"],
    [["--contexts", "many"], 2, "cli/bad-argument"],
    [["--prefill", "0"], 2, "cli/bad-argument"],
    [["--threads", "0"], 2, "cli/bad-argument"],
    [["--numerics", "nonsense"], 1, "engine/bad-option"],
    [["no/where"], 1, "hub/not-cached"],
  ] as const) {
    const found = await cli(["bench", ...argv]);
    assert.deepEqual([found.status, /\[(.*)\]/.exec(found.err)?.[1]], [status, code], argv.join(" "));
  }
});

test("Ctrl-C ends a run soon, with its threads", async () => {
  const { child, done } = spawnCli(["bench", "minnow", "--json"]);
  setTimeout(() => child.kill("SIGINT"), 3000);
  const { status, out } = await done;
  assert.equal(status, 1);
  assert.equal(JSON.parse(out).error.code, "bench/aborted");
});
