import assert from "node:assert/strict";
import { test } from "node:test";
import { CODE, type CommandName, HEADER } from "../../../src/backends/cpu/commands.ts";
import type { Plan } from "../../../src/backends/cpu/plan.ts";
import { Plans } from "../../../src/backends/cpu/plans.ts";
import { type More, parseShape, Recording } from "../../../src/backends/cpu/recording.ts";
import { Value } from "../../../src/backends/cpu/value.ts";

const arenaOf = (bank: number) => 4096 * (bank + 1);

interface Command extends More {
  readonly name: CommandName;
  readonly share: number;
  readonly outputs: readonly Value[];
  readonly inputs: readonly Value[];
  readonly scalars: readonly number[];
}

/** A program of a few commands in two banks, with a store, constants and numbers that follow from `seed`. */
function program(seed: number, rows = 1): { commands: Command[]; result: Value } {
  const store = new Value(0, { storeBank: 0 });
  const ids = new Value(4, { constant: Uint8Array.of(seed, 0, 0, 0) });
  const [x, y, z, result] = [new Value(400 * rows), new Value(400 * rows), new Value(400), new Value(400)] as const;
  const command = (c: Partial<Command> & Pick<Command, "name" | "outputs" | "inputs">): Command => ({
    ...{ share: rows, scalars: [rows, seed] },
    ...c,
  });
  return {
    result,
    commands: [
      command({ name: "embed", outputs: [x], inputs: [ids], bank: 0 }),
      command({ name: "matmul", outputs: [y], inputs: [x], share: -1, bank: 1, scalars: [seed, 2 * seed, -seed] }),
      command({ name: "append", outputs: [store], inputs: [x] }),
      command({ name: "norm", outputs: [z], inputs: [y] }),
      command({ name: "attend", outputs: [result], inputs: [z, ids], share: -1, reads: [store] }),
    ],
  };
}

function recorded({ commands, result }: { commands: readonly Command[]; result?: Value }): Recording {
  const recording = new Recording();
  for (const { name, share, outputs, inputs, scalars, ...more } of commands) recording.add(name, share, outputs, inputs, scalars, more);
  if (result) recording.read(result);
  recording.close();
  return recording;
}

/** Words are the plan's own and written again for the next program. */
const kept = (plan: Plan): Plan => ({ ...plan, words: plan.words.slice() });

/** The commands of a program, in the order in which they run, each with its last words: the scalars. */
function scalarsOf(words: Int32Array, counts: Readonly<Partial<Record<CommandName, number>>>): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (let at = 0; at < words.length; at += words[at + 3]!) {
    const name = Object.keys(CODE).find((n) => CODE[n as CommandName] === (words[at]! & 0xffff)) as CommandName;
    const end = at + words[at + 3]!;
    assert.ok(end >= at + HEADER);
    found[name] ??= [...words.subarray(end - (counts[name] ?? 2), end)];
  }
  return found;
}

test("a program of a known shape is planned as if it were new, with its own numbers", () => {
  const plans = new Plans();
  for (const [seed, rows] of [
    [1, 1],
    [2, 1],
    [3, 4],
    [4, 1],
    [5, 4],
  ] as const) {
    const planned = kept(plans.of(recorded(program(seed, rows)), arenaOf));
    assert.deepEqual(planned, new Plans().of(recorded(program(seed, rows)), arenaOf));
    assert.deepEqual(scalarsOf(planned.words, { matmul: 3 }), {
      embed: [rows, seed],
      matmul: [seed, 2 * seed, -seed],
      append: [rows, seed],
      norm: [rows, seed],
      attend: [rows, seed],
      // From bank 0, so many bytes: the plan's own.
      transfer: [0, 400 * rows],
    });
  }
});

test("a plan whose arena has moved is made anew", () => {
  const plans = new Plans();
  plans.of(recorded(program(1)), arenaOf);
  const elsewhere = (bank: number) => arenaOf(bank) + 64;
  assert.deepEqual(plans.of(recorded(program(2)), elsewhere), new Plans().of(recorded(program(2)), elsewhere));
});

test("programs that differ in more than numbers have plans of their own", () => {
  const plans = new Plans();
  const different: ((commands: Command[]) => Command[])[] = [
    (c) => c,
    (c) => c.slice(0, -1),
    (c) => c.map((command) => (command.name === "norm" ? { ...command, name: "scale" as const } : command)),
    (c) => c.map((command) => (command.name === "norm" ? { ...command, share: -1 } : command)),
    (c) => c.map((command) => (command.name === "norm" ? { ...command, bank: 0 } : command)),
    (c) => c.map((command) => (command.name === "norm" ? { ...command, inputs: c[0]!.outputs } : command)),
    (c) => c.map((command) => (command.name === "matmul" ? { ...command, scalars: [1] } : command)),
  ];
  const changed = (change: (commands: Command[]) => Command[]) => recorded({ commands: change(program(1).commands) });
  for (const _ of [1, 2])
    for (const change of different)
      assert.deepEqual(plans.of(changed(change), arenaOf), new Plans().of(changed(change), arenaOf), change.toString());
  const unread = plans.of(recorded({ commands: program(1).commands }), arenaOf);
  const read = plans.of(recorded(program(1)), arenaOf);
  assert.notEqual(unread, read);
});

test("a value that is read keeps its place to the end, another gives it to those that come", () => {
  for (const read of [true, false]) {
    const { commands, result } = program(1);
    const later = Array.from({ length: 9 }, () => new Value(400));
    const scale = (output: Value, i: number): Command => ({
      ...{ name: "scale", share: -1, outputs: [output], inputs: [later[i - 1] ?? result], scalars: [] },
    });
    const recording = recorded({ commands: [...commands, ...later.map(scale)], ...(read && { result }) });
    const { offsets } = new Plans().of(recording, arenaOf);
    const placeOf = (v: Value) => offsets[recording.values.indexOf(v)]!;
    assert.equal(
      later.some((v) => Math.abs(placeOf(v) - placeOf(result)) < 400),
      !read,
    );
  }
});

test("a shape says what was recorded; values are numbered anew in the next recording", () => {
  const { commands, result } = program(3, 2);
  const recording = recorded({ commands, result });
  const shape = parseShape(recording.shape, (v) => v);
  assert.deepEqual(
    shape.commands.map(({ name, share, bank, scalars, firstScalar }) => [name, share, bank, scalars, firstScalar]),
    [
      ["embed", 2, 0, 2, 0],
      ["matmul", -1, 1, 3, 2],
      ["append", 2, undefined, 2, 5],
      ["norm", 2, undefined, 2, 7],
      ["attend", -1, undefined, 2, 9],
    ],
  );
  assert.deepEqual(
    shape.values.map(({ bytes, constant, read, storeBank }) => [bytes, constant, read, storeBank]),
    recording.values.map((v) => [v.bytes, v.constant !== undefined, v === result, v.storeBank]),
  );
  assert.deepEqual(
    shape.commands.map((c) => [c.outputs, c.inputs, c.reads].map((list) => list.map((v) => recording.values[shape.values.indexOf(v)]))),
    commands.map((c) => [[...c.outputs], [...c.inputs], [...(c.reads ?? [])]]),
  );
  assert.deepEqual([...recording.scalars], [2, 3, 3, 6, -3, 2, 3, 2, 3, 2, 3]);

  const next = new Recording();
  next.add("norm", 1, [result], [commands[2]!.outputs[0]!], [], {});
  assert.deepEqual([result.number, commands[2]!.outputs[0]!.number], [0, 1]);
  // Room given back by an earlier program must not disturb the one being written.
  recording.clear();
  assert.deepEqual([result.number, recording.shape.length, recording.scalars.length, recording.values.length], [0, 0, 0, 0]);
  assert.throws(() => next.read(new Value(4)), { code: "internal" });
});
