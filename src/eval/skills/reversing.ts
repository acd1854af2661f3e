import { ask } from "../asking.ts";
import { textIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { chance, pick } from "../draw.ts";
import type { Skill } from "../skill.ts";
import { halves, type Lists } from "../split.ts";
import { wordOf } from "../words/altered.ts";
import { ITEMS } from "../words/items.ts";
import { madeUp } from "../words/made-up.ts";
import { think } from "../working/steps.ts";
import { drawRow } from "./copying.ts";

const ROWS: Lists = {
  en: halves(
    `Reverse this list: {x}|Reverse the order: {x}|Say this in reverse order: {x}|Backwards, please: {x}|Reverse: {x}|Reverse {x}|Write in reverse order: {x}|
    Write this in reverse: {x}|List these in reverse order: {x}|From last to first: {x}|Turn this list around: {x}|Give me the reverse of {x}|In reverse order, please: {x}|
    Reverse the following: {x}|Say it backwards: {x}|Put these in reverse order: {x}|Start with the last: {x}`,
    "Please reverse: {x}|Write this list backwards: {x}",
  ),
  zh: halves(
    "倒过来写：{x}|请倒过来说：{x}|倒着说：{x}|从后到前写：{x}|把这个倒过来：{x}|从最后一个开始写：{x}|倒过来：{x}",
    "请倒着写：{x}",
  ),
};
const WORDS: Lists = {
  en: halves(
    `Spell {x} backwards.|Reverse the word {x}.|Write the word {x} backwards.|Write {x} backwards.|What is {x} backwards?|What is {x} spelled backwards?|
    Reverse the letters of {x}.|Spell {x} from back to front.|Turn the word {x} around.|How do you write {x} backwards?|Give me the word {x} in reverse order.|
    The word {x} backwards, please.|Spell the word {x} in reverse.`,
    "Please spell the word {x} backwards.|What is {x} in reverse?",
  ),
  zh: halves(
    "把单词{x}倒过来写。|单词{x}倒过来是什么？|{x}倒过来写是什么？|把{x}的字母倒过来。|倒着写单词{x}。|单词{x}从后到前怎么写？",
    "请把单词{x}倒着写。",
  ),
};

export const reversing: Skill = {
  name: "reversing",
  title: "reversing lists and words",
  example(random, split, options) {
    const { language } = options;
    const word = chance(random, 0.4);
    const items = word
      ? [...(chance(random, 0.5) ? wordOf(random, ITEMS.en, split) : madeUp(random, split))]
      : drawRow(random, split, language, 8);
    const joint = word ? "" : pick(random, [" ", ", "]);
    const back = items.toReversed();
    const answer = back.join(joint);
    const numbered = items.map((item, i) => `${i + 1} ${item}`);
    const steps = [...numbered, ...numbered.toReversed()];
    return compose(options, {
      prompt: ask(random, split, language, word ? WORDS : ROWS, { x: items.join(joint) }, !word),
      think: (notes, level) => think(notes, level, steps, [answer], [...numbered, answer]),
      content: answer,
      check: textIs(answer),
    });
  },
};
