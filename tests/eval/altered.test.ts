import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { randomFor } from "../../src/eval/index.ts";
import { wordOf, wordsOf } from "../../src/eval/words/altered.ts";
import { ITEMS } from "../../src/eval/words/items.ts";
import { PIECES } from "../../src/eval/words/pieces.ts";
import { tokenBytes } from "../../src/text/byte-alphabet.ts";

const drawn = (language: "en" | "zh", split: "train" | "test") =>
  Array.from({ length: 2000 }, (_, i) => wordOf(randomFor("altered", i), ITEMS[language], split));

for (const language of ["en", "zh"] as const) {
  test(`words of tests stand in their list (${language})`, () => {
    const { test: list } = ITEMS[language];
    assert.deepEqual(
      drawn(language, "test").filter((word) => !list.includes(word)),
      [],
    );
  });

  test(`words of training are sometimes altered, never into one of the tests' (${language})`, () => {
    const { train, test: held } = ITEMS[language];
    const words = drawn(language, "train");
    const altered = words.filter((word) => !train.includes(word));
    assert.ok(altered.length > 1000 && altered.length < 1300, `${altered.length}`);
    assert.deepEqual(
      words.filter((word) => held.includes(word) || word === ""),
      [],
    );
  });
}

test("several words are different ones", () => {
  for (let i = 0; i < 500; i++) {
    const words = wordsOf(randomFor("several", i), ITEMS.zh, "train", 6);
    assert.equal(new Set(words).size, 6);
  }
});

test("every token of letters or characters in Minnow's vocabulary is among the pieces that training makes words of", () => {
  const file = readFileSync(new URL("../../models/minnow/tokenizer.json", import.meta.url), "utf8");
  const vocabulary = Object.keys((JSON.parse(file) as { model: { vocab: Record<string, number> } }).model.vocab);
  const letters = vocabulary.map((token) => token.replace(/^Ġ/, "")).filter((token) => /^[A-Za-z]{2,}$/.test(token));
  const chinese = vocabulary.map((token) => new TextDecoder().decode(tokenBytes(token)).replace(/[^\u4e00-\u9fa5]/g, "")).filter(Boolean);
  assert.ok(letters.length > 400 && chinese.length > 50, "a vocabulary");
  assert.deepEqual(new Set(PIECES.en), new Set(letters));
  assert.deepEqual(new Set(PIECES.zh), new Set(chinese));
});
