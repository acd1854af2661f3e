import assert from "node:assert/strict";
import { test } from "node:test";
import { NUMERICS } from "../../src/ops/index.ts";
import { inspect } from "../../src/plan/inspect.ts";
import { type Distance, MEASURED } from "../../src/verify/index.ts";
import { cli, json } from "../cli/terminal.ts";
import { checkpointFromTensors } from "../support/checkpoint.ts";

/** Every numerics but the one compared with, so that none can be added or dropped unmeasured. */
const others = [...NUMERICS.keys()].filter((name) => name !== MEASURED.from);

test("every numerics has been measured, on Minnow and on random weights", () => {
  assert.match(MEASURED.date, /^\d{4}-\d\d-\d\d$/);
  assert.match(MEASURED.command, /^node bench\/numerics-distance\.ts .*--write$/);
  assert.deepEqual(
    MEASURED.on.map(({ model, randomWeights }) => [model === "minnow", randomWeights]),
    [
      [true, false],
      [true, false],
      [false, true],
    ],
  );
  for (const { distances, floor, vocabulary, randomWeights } of MEASURED.on) {
    assert.deepEqual(Object.keys(distances).sort(), others.toSorted());
    for (const { positions, kl, sameTop, entropy, logLikelihood } of [floor, ...Object.values(distances)]) {
      assert.equal(positions, floor.positions);
      assert.ok(positions >= 100 && 0 < kl.median && kl.median <= kl.p99 && kl.p99 <= kl.max && kl.mean <= kl.max);
      assert.ok(sameTop > 0 && sameTop <= 1 && entropy >= 0 && entropy <= Math.log(vocabulary));
      assert.equal(logLikelihood === undefined, randomWeights, "random tokens have no successor that could be expected");
    }
  }
});

test("inspect prints what each numerics does and the measured distances, in JSON and for people", async () => {
  const { numerics } = await json(["inspect", "minnow"]);
  assert.deepEqual(
    numerics.profiles,
    [...NUMERICS.values()].map(({ name, title }) => ({ name, title })),
  );
  assert.deepEqual(numerics.measured, MEASURED);
  const { out } = await cli(["inspect", "minnow"]);
  for (const { title } of NUMERICS.values()) assert.ok(out.includes(title), title);
  const shown = ({ kl, sameTop }: Distance) => [kl.mean.toExponential(1), kl.p99.toExponential(1), (100 * sameTop).toFixed(1), "%"];
  const lines = out.split("\n").map((line) => line.trim().split(/\s+/));
  for (const { model, tokens, floor, distances } of MEASURED.on) {
    const first = lines.findIndex((words) => words.join(" ").startsWith(`${model}, ${tokens} floor ${shown(floor).join(" ")}`));
    assert.ok(first >= 0, `${model}, ${tokens}`);
    const rows = Object.entries(distances).map(([name, distance]) => [name, ...shown(distance)]);
    assert.deepEqual(lines.slice(first + 1, first + 1 + rows.length), rows);
  }
});

test("an architecture Tandem does not run has no numerics to choose from", async () => {
  const other = await checkpointFromTensors({ model_type: "other" }, []);
  const found = await inspect(other, { headersOnly: false, machine: { totalBytes: 1, freeBytes: 1 } });
  assert.equal(found.numerics, undefined);
});
