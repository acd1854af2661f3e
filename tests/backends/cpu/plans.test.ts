import assert from "node:assert/strict";
import { test } from "node:test";
import { Plans } from "../../../src/backends/cpu/plans.ts";
import { type Command, plan, Value } from "../../../src/backends/cpu/program.ts";

const arenaOf = (bank: number) => 4096 * (bank + 1);

/** A program of a few commands in two banks, with a store, constants and numbers that follow from `seed`. */
function program(seed: number, rows = 1): { commands: Command[]; result: Value } {
  const store = new Value(0, { storeBank: 0 });
  const ids = new Value(4, { constant: Uint8Array.of(seed, 0, 0, 0) });
  const [x, y, z, result] = [new Value(400 * rows), new Value(400 * rows), new Value(400), new Value(400)] as const;
  const command = (c: Partial<Command> & Pick<Command, "name" | "outputs" | "inputs">): Command => ({
    ...{ share: rows, bank: undefined, scalars: [rows, seed] },
    ...c,
  });
  result.kept = true;
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

test("a program of a known shape is planned as if it were new", () => {
  const plans = new Plans();
  for (const [seed, rows] of [
    [1, 1],
    [2, 1],
    [3, 4],
    [4, 1],
    [5, 4],
  ] as const) {
    const [once, again] = [program(seed, rows), program(seed, rows)];
    const expected = plan(once.commands, arenaOf);
    const { words, constants, ...rest } = plans.of(again.commands, [again.result], arenaOf);
    assert.deepEqual(words, expected.words);
    assert.deepEqual(
      constants.map(({ offset, constant }) => [offset, constant]),
      expected.constants.map(({ offset, constant }) => [offset, constant]),
    );
    assert.deepEqual(
      [rest.arenaBytes, rest.counters, rest.barriers, [...rest.banks]],
      [expected.arenaBytes, expected.counters, expected.barriers, [...expected.banks]],
    );
    assert.deepEqual([again.result.offset, again.result.banks[0]], [once.result.offset, once.result.banks[0]]);
  }
});

test("a plan whose arena has moved is made anew", () => {
  const plans = new Plans();
  plans.of(program(1).commands, [], arenaOf);
  const elsewhere = (bank: number) => arenaOf(bank) + 64;
  assert.deepEqual(plans.of(program(2).commands, [], elsewhere).words, plan(program(2).commands, elsewhere).words);
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
  for (const _ of [1, 2])
    for (const change of different)
      assert.deepEqual(
        plans.of(change(program(1).commands), [], arenaOf).words,
        plan(change(program(1).commands), arenaOf).words,
        change.toString(),
      );
});
