import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { microCheckpoint } from "../support/micro.ts";
import { talkerCheckpoint } from "../support/talker.ts";
import { writeTemporary } from "../support/written.ts";
import { cli, json } from "./terminal.ts";

test("Minnow adds, thinking, on questions it was not trained on", async () => {
  const report = await json(["eval", "--skills", "addition", "--languages", "en", "--efforts", "high", "--count", "32", "--seed", "4"]);
  assert.deepEqual(Object.keys(report), ["model", "dialect", "numerics", "interpreter", "seed", "rows", "drafts"]);
  assert.deepEqual([report.numerics, report.interpreter, report.seed], ["official", "cpu", 4]);
  const [row] = report.rows;
  assert.deepEqual([report.rows.length, row.skill, row.effort, row.asked], [1, "addition", "high", 32]);
  assert.ok(row.right > 0.9 * 32, `${row.right} of 32`);
  assert.deepEqual(row.languages, { en: [row.right, 32] });
  assert.ok(row.interval[0] < row.right / 32 && row.interval[1] >= row.right / 32);
  assert.ok(report.drafts.accepted > 0.7 * report.drafts.drafted);
});

test("a table for people, and what was wrong if asked for", async () => {
  const checkpoint = await talkerCheckpoint();
  const talker = await writeTemporary(checkpoint, { "tokenizer.json": (await checkpoint.sideFile("tokenizer.json"))! });
  try {
    const argv = ["eval", talker, "--skills", "addition,reversing", "--efforts", "none", "--count", "4", "--max-tokens", "5"];
    const { status, out } = await cli([...argv, "--show-errors", "2"]);
    assert.equal(status, 0);
    assert.match(out, /^ {2}skill .*right +asked +% +95 % interval +tokens\/answer +tokens\/s$/m);
    assert.match(out, /^ {2}reversing +no thinking +0 +4 +0\.0 +0\.0–49\.0 /m);
    assert.match(out, /^ {2}MTP drafts +accepted +\d+ +\d+ +[\d.]+$/m);
    for (const line of [/^addition, no thinking: /gm, /^reversing, no thinking: did not end$/gm]) assert.equal(out.match(line)?.length, 2);
    for (const line of [/^ {2}asked: /gm, /^ {2}said: /gm, /^ {2}right: /gm]) assert.equal(out.match(line)?.length, 4);
    assert.ok(!/asked:/.test((await cli(argv)).out));
    const { failures } = await json([...argv, "--show-errors", "1"]);
    assert.deepEqual(
      failures.map((f: { skill: string }) => f.skill),
      ["addition", "reversing"],
    );
  } finally {
    await rm(talker, { recursive: true });
  }
});

test("what is not there is refused: skills with the list of them, languages, efforts, lengths, interpreters", async () => {
  const refused: [string[], string, number][] = [
    [["--skills", "adition"], "eval/unknown-skill", 1],
    [["--languages", "fr"], "cli/bad-argument", 2],
    [["--efforts", "enormous"], "engine/bad-option", 1],
    [["--lengths", "9999999"], "engine/bad-option", 1],
    [["--lengths", "x"], "cli/bad-argument", 2],
    [["--interpreter", "abacus"], "cli/bad-argument", 2],
    [["--numerics", "vague"], "engine/bad-option", 1],
  ];
  for (const [argv, code, expected] of refused) {
    const { status, err } = await cli(["eval", ...argv]);
    assert.deepEqual([status, /\[(.*)\]/.exec(err)?.[1]], [expected, code], argv.join(" "));
  }
  assert.match((await cli(["eval", "--skills", "adition"])).err, /addition, subtraction, .*talk/);
});

test("a model without a tokenizer cannot be asked", async () => {
  const micro = await writeTemporary(await microCheckpoint());
  try {
    const { status, err } = await cli(["eval", micro]);
    assert.deepEqual([status, /\[(.*)\]/.exec(err)?.[1]], [1, "engine/no-tokenizer"]);
  } finally {
    await rm(micro, { recursive: true });
  }
});
