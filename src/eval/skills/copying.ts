import { ask } from "../asking.ts";
import { textIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, pick, type Random } from "../draw.ts";
import type { Language, Skill, Split } from "../skill.ts";
import { halves, type Lists } from "../split.ts";
import { wordsOf } from "../words/altered.ts";
import { ITEMS } from "../words/items.ts";
import { madeUp, madeUpName } from "../words/made-up.ts";
import { think } from "../working/steps.ts";

const WORDINGS: Lists = {
  en: halves(
    `Repeat this: {x}|Copy: {x}|Say {x}|Write exactly this: {x}|Repeat after me: {x}|Copy this text.\n{x}|Repeat: {x}|Copy this: {x}|Say this: {x}|Write {x}|
    Echo {x}|Echo this: {x}|Just repeat {x}|Repeat the following: {x}|Copy the following exactly: {x}|Write down: {x}|Type this: {x}|Answer with exactly this: {x}|
    Give this back to me: {x}|Print {x}|Print this line:\n{x}|Return this text unchanged: {x}|Say it again: {x}|Can you repeat this? {x}|Reply with: {x}|Output: {x}`,
    "Please repeat: {x}|Write this again: {x}|Say exactly this: {x}",
  ),
  zh: halves(
    "请说：{x}|写：{x}|请再说一次：{x}|抄一次：{x}|说：{x}|再写一次：{x}|把这个抄一次：{x}|照着写：{x}|跟我说：{x}|请照着说：{x}|一字不改地写：{x}",
    "请写：{x}|请抄：{x}",
  ),
};

/** A row of digits, of letters, of words, of made-up words; also what copying of and reversing share. */
export function drawRow(random: Random, split: Split, language: Language, most: number): string[] {
  const count = between(random, 2, most);
  return pick(random, [
    () => Array.from({ length: count }, () => String(between(random, 0, 9))),
    () => Array.from({ length: count }, () => String.fromCharCode(between(random, 97, 122))),
    () => wordsOf(random, ITEMS[language], split, count),
    () => wordsOf(random, ITEMS.en, split, count),
    () => Array.from({ length: Math.ceil(count / 2) }, () => madeUp(random, split)),
    () => Array.from({ length: Math.ceil(count / 3) }, () => madeUpName(random, split)),
    () => Array.from({ length: Math.ceil(count / 2) }, () => String(between(random, 10, pick(random, [99, 999, 9999])))),
  ])();
}

export const copying: Skill = {
  name: "copying",
  title: "copying exactly",
  example(random, split, options) {
    const row = drawRow(random, split, options.language, 12);
    const text = row.join(pick(random, [" ", " ", ", ", "-"]));
    const numbered = row.map((item, i) => `${i + 1} ${item}`);
    return compose(options, {
      prompt: ask(random, split, options.language, WORDINGS, { x: text }, true),
      think: (notes, level) => think(notes, level, ["copy"], numbered, [`${row.length}`]),
      content: text,
      check: textIs(text),
    });
  },
};
