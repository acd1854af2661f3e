import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "../../src/eval/index.ts";
import { wordOf, wordsOf } from "../../src/eval/words/altered.ts";
import { ITEMS } from "../../src/eval/words/items.ts";

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
