import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { learnMerges } from "../../models/minnow/training/data/bpe-trainer.ts";
import { encode } from "../../models/minnow/training/data/encode.ts";
import { randomFor, SKILLS, transcript } from "../../src/eval/index.ts";
import { dialect, loadTokenizer } from "../../src/text/index.ts";

const root = resolve(import.meta.dirname, "../..");
const scripts = join(root, "models/minnow/training/data");
const tokenizerFile = join(root, "models/minnow/tokenizer.json");
const folder = mkdtempSync(join(tmpdir(), "tandem-data-"));
after(() => rmSync(folder, { recursive: true }));

const tokenizer = loadTokenizer(readFileSync(tokenizerFile));
const shown = dialect("v4-0731");
const node = (script: string, ...args: string[]) =>
  execFileSync(process.execPath, [join(scripts, script), ...args], { encoding: "utf8", stdio: "pipe" });

test("the prompt is what the engine sends, the mask covers the answer and its end, but no slip", () => {
  let slips = 0;
  let earlier = 0;
  for (const skill of SKILLS)
    for (let i = 0; i < 60; i++) {
      const example = skill.example(randomFor("mask", i), "train", {
        language: i % 2 ? "zh" : "en",
        thinking: i % 4 ? "max" : false,
        length: 150,
      });
      const { ids, learn } = encode(example, shown, tokenizer);
      const { prompt, answer } = transcript(example, shown);
      const asked = tokenizer.encodeSegments(prompt.segments);
      assert.deepEqual(ids.slice(0, asked.length), asked);
      assert.equal(tokenizer.controlSpelling(ids.at(-1)!), "<｜end▁of▁sentence｜>");
      assert.equal(tokenizer.decode(ids.slice(asked.length)), answer.map((s) => ("text" in s ? s.text : s.control)).join(""));
      // All that earlier turns say, from behind the token that opens or closes their thinking.
      const said = example.earlierToo ? tokenizer.decode(asked).match(/(?<=<｜Assistant｜><\/?think>).*?<｜end▁of▁sentence｜>/gs) : null;
      assert.equal(tokenizer.decode(asked.filter((_, k) => learn[k] === 1)), (said ?? []).join(""));
      if (example.earlierToo && example.tools && example.thinking) assert.match(said![0]!, /^(want|call|asked) .*<\/think>/s);
      earlier += said?.length ?? 0;
      const masked = ids.slice(asked.length).filter((_, k) => learn[asked.length + k] === 0);
      const { reasoning = "" } = example.answer;
      // Digits are single tokens, so that nothing but the slip is masked.
      assert.equal(tokenizer.decode(masked), example.slips.map(([start, end]) => reasoning.slice(start, end)).join(""));
      slips += example.slips.length;
    }
  assert.ok(slips > 5 && earlier > 20);
});

test("merges are those of byte pair encoding: the most frequent pair first, ties by spelling", () => {
  const counts = new Map([
    ["abab", 3],
    ["ab", 2],
    ["cd", 8],
    [" xyz", 1],
  ]);
  // ab: 8 (twice in abab), cd: 8; then abab from ab ab: 3; then the pairs of " xyz", which occur once, in order.
  assert.deepEqual(learnMerges(counts, 5), [
    ["a", "b"],
    ["c", "d"],
    ["ab", "ab"],
    ["x", "y"],
    ["xy", "z"],
  ]);
});

test("a proposed vocabulary is of the size asked for, keeps digits single and all control tokens but placeholders", () => {
  const file = join(folder, "tokenizer.json");
  node("make-tokenizer.ts", "--size", "700", "--examples", "30", "--out", file);
  const made = loadTokenizer(readFileSync(file));
  assert.equal(made.size, 700);
  for (let id = 0; id < made.size; id++) {
    assert.ok(made.has(id));
    const text = new TextDecoder().decode(made.bytes(id));
    if (made.controlSpelling(id) === undefined) assert.ok(!/\d/.test(text) || text.length === 1, text);
  }
  for (let id = 0; id < tokenizer.size; id++) {
    const control = tokenizer.controlSpelling(id);
    if (control && !control.includes("place▁holder")) assert.notEqual(made.controlId(control), undefined, control);
  }
  assert.deepEqual([made.controlId("<｜begin▁of▁sentence｜>"), made.controlId("<｜end▁of▁sentence｜>")], [0, 1]);
  const text = "The answer is 802. 答案是802。 xyz 𝄞";
  assert.equal(made.decode(made.encode(text)), text);
});

test("shards are the same for the same seed, go on where a run stopped, and refuse other settings", () => {
  const make = (name: string, count: string, ...more: string[]) =>
    node(
      "make-data.ts",
      join(folder, name),
      "--tokenizer",
      tokenizerFile,
      "--skills",
      "addition,talk",
      "--longest",
      "256",
      "--weights",
      "addition=3,talk=1",
      "--count",
      count,
      ...more,
    );
  make("whole", "4600");
  make("parts", "4000");
  const first = readFileSync(join(folder, "parts/shard-00000.ids"));
  writeFileSync(join(folder, "parts/shard-00001.ids"), "what a stopped run left");
  make("parts", "4600");
  assert.deepEqual(readFileSync(join(folder, "parts/shard-00000.ids")), first);
  const names = readdirSync(join(folder, "whole")).sort();
  assert.equal(names.length, 9);
  for (const name of names) assert.deepEqual(readFileSync(join(folder, "parts", name)), readFileSync(join(folder, "whole", name)), name);
  const other = spawnSync(process.execPath, [
    join(scripts, "make-data.ts"),
    join(folder, "whole"),
    "--tokenizer",
    tokenizerFile,
    "--seed",
    "2",
  ]);
  assert.notEqual(other.status, 0);
  assert.match(other.stderr.toString(), /other settings/);

  const { shards, skills } = JSON.parse(readFileSync(join(folder, "whole/data.json"), "utf8"));
  assert.deepEqual(skills, ["addition", "talk"]);
  assert.deepEqual(
    shards.map((s: { examples: number }) => s.examples),
    [4000, 600],
  );
  const bytes = (kind: string) => readFileSync(join(folder, `whole/shard-00001.${kind}`));
  const [ids, learn, index] = [
    new Uint16Array(new Uint8Array(bytes("ids")).buffer),
    bytes("learn"),
    new Uint32Array(new Uint8Array(bytes("index")).buffer),
  ];
  assert.deepEqual([ids.length, learn.length, index.length], [shards[1].tokens, shards[1].tokens, 3 * 600]);
  assert.equal(bytes("kind").length, 600);
  assert.ok(bytes("kind").every((kind) => kind < 8));
  const skillsOf = Array.from({ length: 600 }, (_, e) => index[3 * e + 2]!);
  const share = skillsOf.filter((skill) => skill === 0).length / 600;
  assert.ok(share > 0.7 && share < 0.8, "additions are three in four by weight");
  for (let e = 0, at = 0; e < 600; e++) {
    const [start, length] = index.subarray(3 * e);
    assert.equal(start, at);
    assert.deepEqual([ids[at], ids[at + length! - 1], learn[at + length! - 1]], [0, 1, 1]);
    at += length!;
  }
});
