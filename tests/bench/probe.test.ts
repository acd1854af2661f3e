import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { measureKernels, productTurn } from "../../src/bench/kernels.ts";
import { COLUMNS, FORMS, Inputs, Matrix, MOST_TOKENS } from "../../src/bench/matrices.ts";
import { Probe, WORK_BYTES } from "../../src/bench/probe-crew-node.ts";
import { measureRead, readTurn } from "../../src/bench/read.ts";

let probe: Probe;
before(async () => {
  probe = await Probe.start(2, 2 ** 26);
});
after(() => probe.close());

test("reading is divided into neighbouring parts, one for each thread", () => {
  assert.deepEqual(readTurn(probe, 4096, 65536), [
    { kernel: "readAll", args: [4096, 32768], times: 1 },
    { kernel: "readAll", args: [4096 + 32768, 32768], times: 1 },
  ]);
  assert.deepEqual(readTurn(probe, 0, 640, 1, 1, 3), [undefined, { kernel: "readAll", args: [0, 640], times: 3 }]);
});

test("a job runs as often as asked, on its thread alone; a turn ends before the next begins", async () => {
  const words = new Float32Array(probe.memory.buffer, WORK_BYTES, 8);
  words.set([0, 0, 0, 0, 1, 2, 3, 4]);
  const job = { kernel: "accumulate", args: [WORK_BYTES, WORK_BYTES + 16, 0, 4], times: 1000 };
  const ms = await probe.run([[job], [undefined, job], [undefined, { ...job, times: 1 }]]);
  assert.deepEqual([...words.subarray(0, 4)], [2001, 4002, 6003, 8004]);
  assert.equal(ms.length, 3);
  assert.ok(ms.every((t) => t > 0));
});

for (const form of FORMS)
  test(`${form.kernel}: all rows are computed, by two threads as by one, from weights that fit their bytes`, async () => {
    const inputs = new Inputs(probe);
    const matrix = new Matrix(form, WORK_BYTES, 2 ** 18);
    const scales = form.block ? Math.ceil(matrix.rows / form.block.rows) * (COLUMNS / form.block.columns) * form.block.bytes : 0;
    assert.equal(matrix.bytes, (matrix.rows * COLUMNS * form.bits) / 8 + scales);
    assert.ok(matrix.bytes <= 2 ** 18 && matrix.bytes > 0.9 * 2 ** 18);
    for (const tokens of [1, MOST_TOKENS]) {
      const results = new Float32Array(probe.memory.buffer, inputs.results, tokens * matrix.rows);
      const run = async (threads: number) => {
        results.fill(Number.NaN);
        await probe.run([productTurn(matrix, inputs, tokens, threads, 1)]);
        return results.slice();
      };
      const one = await run(1);
      assert.ok(one.every((y) => Number.isFinite(y) && y !== 0));
      assert.deepEqual(await run(2), one);
    }
  });

test("rates are finite and consistent; what a kernel does in a second fits what it reads", async () => {
  const read = await measureRead(probe, 1, () => {});
  assert.deepEqual([read.bytes, read.threads, read.alone.length], [2 ** 26, 2, 2]);
  assert.ok([read.gbPerSecond, read.scaling, ...read.alone].every((n) => n > 0 && Number.isFinite(n)));

  const told: number[] = [];
  const kernels = await measureKernels(probe, 1, (done) => told.push(done));
  assert.deepEqual(told, [...kernels.keys()]);
  assert.deepEqual(
    [...new Set(kernels.map(({ name }) => name))],
    FORMS.map(({ kernel }) => kernel),
  );
  for (const k of kernels) {
    assert.ok(k.gbPerSecond > 0 && k.ratio > 0 && Number.isFinite(k.ratio), JSON.stringify(k));
    const { bits, block } = FORMS.find(({ kernel }) => kernel === k.name)!;
    const bytesPerWeight = bits / 8 + (block ? block.bytes / (block.rows * block.columns) : 0);
    const expected = (k.tokens * k.gbPerSecond) / bytesPerWeight;
    assert.ok(Math.abs(k.gmacPerSecond / expected - 1) < 0.02, JSON.stringify(k));
    assert.equal(k.of, k.tokens > 1 ? "dot" : "read");
  }
  const kinds = (name: string) =>
    kernels.filter((k) => k.name === name).map(({ where, tokens, threads }) => `${where} ${tokens} ${threads}`);
  assert.deepEqual(kinds("matmulFP8"), ["memory 1 1", "memory 1 2", "cache 1 1"]);
  assert.deepEqual(kinds("matmulFP4Fixed"), ["memory 1 1", "memory 1 2", "cache 1 1", "cache 64 1"]);
});

test("memory that the system does not give is an error of its own", async () => {
  await assert.rejects(Probe.start(1, 2 ** 34), { code: "engine/out-of-memory" });
});
