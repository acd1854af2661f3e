import assert from "node:assert/strict";
import { test } from "node:test";
import { Engine } from "../../src/engine/index.ts";
import { effortsOf, evaluate, type Failure, SKILLS, skillsNamed } from "../../src/eval/index.ts";
import { DIALECTS } from "../../src/text/index.ts";
import { microCheckpoint } from "../support/micro.ts";
import { talker } from "../support/talker.ts";

test("efforts by how much thinking they mean: the preview's two, three of 0731 and V4.1, one way without efforts", () => {
  const named = Object.fromEntries(DIALECTS.map((d) => [d.name, effortsOf(d).map(({ level, effort }) => [level, effort])]));
  assert.deepEqual(named, {
    "v3.1": [["low", undefined]],
    "v3.2": [["low", undefined]],
    v4: [
      ["low", "high"],
      ["high", "max"],
    ],
    "v4-0731": [
      ["low", "low"],
      ["high", "high"],
      ["max", "max"],
    ],
    "v4.1": [
      ["low", "low"],
      ["high", "high"],
      ["max", "max"],
    ],
  });
});

test("a model that talks nonsense: every skill asked in every form, nothing right, every failure told with its reason", async () => {
  const engine = await talker();
  const failures: Failure[] = [];
  const progress: number[] = [];
  const { rows, drafts } = await evaluate(engine, {
    count: 2,
    maxTokens: 6,
    lengths: [100, 200],
    onFailure: (f) => void failures.push(f),
    onProgress: (done, total) => void progress.push(done / total),
  });
  // The V4 preview's two efforts and no thinking; retrieval at two lengths.
  assert.equal(rows.length, (SKILLS.length + 1) * 3);
  assert.deepEqual([progress.length, progress.at(-1)], [rows.length * 2, 1]);
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  );
  for (const row of rows) {
    assert.equal(row.asked, 2);
    assert.equal(
      Object.values(row.wrong).reduce((sum, n) => sum + n, 0),
      2 - row.right,
    );
    assert.deepEqual(row.languages.en![1] + row.languages.zh![1], 2);
    assert.equal(
      failures.filter((f) => f.skill === row.skill && f.thinking === row.thinking && f.length === row.length).length,
      2 - row.right,
    );
  }
  assert.equal(
    rows.reduce((sum, row) => sum + row.right, 0),
    0,
  );
  // Tool instructions alone are longer than this model's context of 400 tokens.
  assert.ok(failures.some((f) => f.skill === "tools" && f.why === "prompt too long"));
  assert.ok(failures.some((f) => f.skill === "addition" && f.why === "did not end"));
  assert.ok(drafts!.drafted > 50 && drafts!.accepted <= drafts!.drafted, JSON.stringify(drafts));
  await engine.close();
});

test("the same seed asks the same questions and gives the same report, another seed others", async () => {
  const engine = await talker();
  const ask = async (seed: number, parallel: number) => {
    const failures: Failure[] = [];
    const options = { skills: skillsNamed(["letters", "talk"]), count: 6, seed, maxTokens: 4, parallel, efforts: ["none"] };
    const { rows } = await evaluate(engine, { ...options, onFailure: (f) => void failures.push(f) });
    return {
      rows: rows.map(({ tokensPerSecond: _, ...row }) => row),
      asked: failures.map((f) => `${f.example.messages[0]!.content} ${f.given.content}`).sort(),
    };
  };
  assert.deepEqual(await ask(5, 3), await ask(5, 6));
  assert.notDeepEqual((await ask(5, 3)).asked, (await ask(6, 3)).asked);
  await engine.close();
});

test("what cannot be asked is refused before anything is", async () => {
  const engine = await talker();
  await assert.rejects(evaluate(engine, { efforts: ["low"] }), { code: "engine/bad-option" });
  await assert.rejects(evaluate(engine, { lengths: [400] }), { code: "engine/bad-option" });
  await engine.close();
  const silent = await Engine.load(await microCheckpoint());
  await assert.rejects(evaluate(silent), { code: "engine/no-tokenizer" });
  await silent.close();
});
