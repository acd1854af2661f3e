import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MICRO_TOKENS, microCheckpoint } from "../support/micro.ts";
import { writeTemporary } from "../support/written.ts";
import { cli, json, spawnCli } from "./terminal.ts";

let micro: string;
before(async () => {
  // A tokenizer that cannot be used must not matter here.
  micro = await writeTemporary(await microCheckpoint(), { "tokenizer.json": "{", "generation_config.json": "[" });
});
after(() => rm(micro, { recursive: true }));

/** v4-architecture section 9.2. */
const GOLDEN = [
  { position: 0, first: [-0.391019, -0.665142, -0.654999, -0.793045], argmax: 47 },
  { position: 149, first: [1.439302, 0.603153, 1.274505, -0.707364], argmax: 8 },
];
const GOLDEN_AHEAD = { position: 148, first: [1.450633, -0.513764, 0.236366, 0.940042], argmax: 31 };

interface Entry {
  readonly position: number;
  readonly top: readonly { readonly id: number; readonly logit: number }[];
  readonly logits: readonly number[];
}

function check({ position, top, logits }: Entry, golden: typeof GOLDEN_AHEAD): void {
  assert.equal(position, golden.position);
  assert.equal(logits.length, 64);
  for (const [i, value] of golden.first.entries())
    assert.ok(Math.abs(logits[i]! - value) < 2e-6, `logit ${i} at ${position}: ${logits[i]}`);
  const sorted = [...logits.entries()].sort((a, b) => b[1] - a[1]);
  assert.equal(sorted[0]![0], golden.argmax);
  assert.deepEqual(
    top,
    sorted.slice(0, top.length).map(([id, logit]) => ({ id, logit })),
  );
}

test("golden logits, MTP included, from the program itself", async () => {
  const argv = [
    "logits",
    micro,
    "--tokens",
    MICRO_TOKENS.join(","),
    "--positions",
    "0,148,149",
    "--full",
    "--mtp",
    "--numerics",
    "float",
    "--json",
  ];
  const { status, out, err } = await spawnCli(argv).done;
  assert.deepEqual([status, err], [0, ""]);
  const { positions, mtp } = JSON.parse(out);
  assert.deepEqual(
    positions.map((p: Entry) => p.position),
    [0, 148, 149],
  );
  assert.deepEqual(
    mtp.map((p: Entry) => p.position),
    [0, 148],
    "the last token has no successor",
  );
  check(positions[0], GOLDEN[0]!);
  check(positions[2], GOLDEN[1]!);
  check(mtp[1], GOLDEN_AHEAD);
});

test("the JSON of the top logits, whatever the chunk size and wherever the tokens come from", async () => {
  const tokens = ["--tokens", "7,8,9"];
  const whole = await json(["logits", micro, ...tokens, "--top", "2", "--numerics", "float"]);
  assert.deepEqual(Object.keys(whole), ["positions"]);
  assert.deepEqual(
    whole.positions.map((p: Entry) => [Object.keys(p), p.position, p.top.length]),
    [0, 1, 2].map((p) => [["position", "top"], p, 2]),
  );
  for (const chunk of ["1", "2"])
    assert.deepEqual(await json(["logits", micro, ...tokens, "--top", "2", "--numerics", "float", "--chunk", chunk]), whole);
  const file = join(micro, "tokens.txt");
  await writeFile(file, "[7, 8,\n 9]\n");
  assert.deepEqual(await json(["logits", micro, "--tokens-file", file, "--top", "2", "--numerics", "float"]), whole);
  assert.deepEqual(await json(["logits", micro, "--tokens-file", "-", "--top", "2", "--numerics", "float"], "7 8 9"), whole);
  const rounded = await json(["logits", micro, ...tokens, "--top", "2"]);
  assert.notDeepEqual(rounded, whole, "official numerics, the default, round");
  assert.deepEqual(await json(["logits", micro, ...tokens, "--top", "2", "--numerics", "official"]), rounded);
});

test("the table shows the same", async () => {
  const { positions } = await json(["logits", micro, "--tokens", "7,8", "--top", "3"]);
  const { out } = await cli(["logits", micro, "--tokens", "7,8", "--top", "3"]);
  const shown = out
    .split(/position \d+\n/)
    .slice(1)
    .map((part) =>
      part
        .trim()
        .split("\n")
        .map((line) => Number(line.trim().split(/\s+/)[0])),
    );
  assert.deepEqual(
    shown,
    positions.map((p: Entry) => p.top.map(({ id }) => id)),
  );
});

for (const [what, argv, code] of [
  ["a token outside the vocabulary", ["--tokens", "1,64"], "model/bad-token"],
  ["a position outside the tokens", ["--tokens", "1,2", "--positions", "2"], "engine/bad-option"],
  ["numerics that do not exist", ["--tokens", "1", "--numerics", "fp3"], "engine/bad-option"],
  ["a file of tokens that is not there", ["--tokens-file", "/nowhere/at/all"], "io/failed"],
] as const)
  test(`refuses ${what}`, async () => {
    const { status, out } = await cli(["logits", micro, ...argv, "--json"]);
    assert.deepEqual([status, JSON.parse(out).error.code], [1, code]);
  });
