import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cpu } from "../../src/backends/cpu/index.ts";
import { Trace } from "../../src/backends/cpu/trace.ts";
import { type Hooks, ModelRun } from "../../src/bench/model-run.ts";
import { Model } from "../../src/engine/model.ts";
import { NUMERICS } from "../../src/ops/index.ts";
import { microCheckpoint } from "../support/micro.ts";

let cpu: Cpu;
let model: Model;
before(async () => {
  cpu = new Cpu(NUMERICS.get("official")!, { threads: 2 });
  model = await Model.load(await microCheckpoint(), cpu);
});
after(() => cpu.close());

const hooks: Hooks = { check: () => {}, onProgress: () => {}, read: async () => [8, 10, 12] };
const patient = { prefillRounds: 2, patienceMs: 600_000 };

test("prefill in steps of 128 and 512, but no two that are the same; decoding ends at the context asked for", async () => {
  const run = new ModelRun(model, cpu, patient, hooks);
  await run.prefillOf(100);
  await run.prefillOf(200);
  assert.deepEqual(
    run.prefill.map(({ tokens, chunk }) => [tokens, chunk]),
    [
      [100, 128],
      [200, 128],
      [200, 512],
    ],
  );
  for (const context of [300, 310]) await run.decodeAt(context, 5000);
  // 96 tokens, without the first 8 and those after five looks at the read rate.
  assert.deepEqual(
    run.decode.map(({ context, steps, readGbPerSecond }) => [context, steps, readGbPerSecond]),
    [
      [300, 83, 10],
      [310, 83, 10],
    ],
  );
  for (const d of run.decode) {
    assert.equal(d.bytesPerToken, 5000 + d.cacheBytes);
    assert.equal(d.ratio, (d.tokensPerSecond * d.bytesPerToken) / 10e9);
  }
  assert.equal(run.state.length, 310);
  assert.deepEqual(run.skipped, []);
});

test("what is too long for the model or for the patience is skipped with its reason", async () => {
  const run = new ModelRun(model, cpu, { ...patient, patienceMs: 0 }, hooks);
  await run.prefillOf(5000);
  await run.decodeAt(5000, 1);
  await run.prefillOf(200);
  await run.decodeAt(4000, 1);
  assert.deepEqual([run.prefill.length, run.decode.length], [2, 0]);
  assert.deepEqual(
    run.skipped.map(({ what, tokens }) => [what, tokens]),
    [
      ["prefill", 5000],
      ["decode", 5000],
      ["decode", 4000],
    ],
  );
  assert.match(run.skipped[0]!.reason, /made for 4096 tokens/);
  assert.match(run.skipped[2]!.reason, /would take about \d+ s, more than the 0 s allowed/);
});

test("a run can be ended between any two steps", async () => {
  let left = 5;
  const check = () => {
    if (left-- === 0) throw new Error("enough");
  };
  const run = new ModelRun(model, cpu, patient, { ...hooks, check });
  await assert.rejects(run.decodeAt(3000, 1), /enough/);
  assert.equal(run.state.length, 5 * 512);
});

test("a profile accounts for the whole step and for every command of it", async () => {
  const run = new ModelRun(model, cpu, patient, hooks);
  await run.decodeAt(64, 1);
  await run.profileStep();
  const { context, total, parts, commands } = run.profile!;
  assert.equal(context, 64 + 128);
  assert.ok(Math.abs(parts.reduce((sum, { ms }) => sum + ms, 0) - total) < 1e-9);
  assert.deepEqual(
    parts.map(({ name }) => name),
    ["record", "plan", "write constants", "start threads", "run", "report", "read"],
  );
  const part = (of: string) => parts.find(({ name }) => name === of)!.ms;
  const sum = (key: "longest" | "worked" | "waited") => commands.reduce((s, c) => s + c[key], 0);
  // Each of the two threads is busy or waits from its beginning, after the order, to its end.
  const most = 2 * (part("start threads") + part("run"));
  assert.ok(sum("longest") <= sum("worked") + 1e-9 && sum("worked") + sum("waited") < most + 0.1, JSON.stringify({ parts, commands }));
  // One output head, on four streams of 32 columns; experts in each of five layers.
  assert.equal(commands.find(({ detail }) => detail === "matmulF32 4x128")?.count, 1);
  assert.equal(commands.find(({ name }) => name === "expertUp")?.count, 5);
  assert.deepEqual(
    commands.map(({ longest }) => longest),
    commands.map(({ longest }) => longest).toSorted((a, b) => b - a),
  );
});

test("a trace counts the commands of the programs run while it is set, and costs nothing after", async () => {
  const trace = new Trace();
  const state = model.newSequence();
  const step = () => model.step([{ state, tokens: [1], logitsAt: [0] }]);
  cpu.trace(trace);
  await step();
  const first = cpu.counts.commands;
  await step();
  const both = first + cpu.counts.commands;
  cpu.trace(undefined);
  await step();
  assert.equal(trace.programs, 2);
  assert.equal(
    [...trace.commands.values()].reduce((sum, { count }) => sum + count, 0),
    both,
  );
  for (const c of trace.commands.values()) assert.ok(c.worked >= c.longest && c.longest > 0 && c.waited >= 0, JSON.stringify(c));
});
