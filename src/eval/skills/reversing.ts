import { textIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { chance, pick } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Skill } from "../skill.ts";
import { halves, type Lists } from "../split.ts";
import { ITEMS } from "../words/items.ts";
import { madeUp } from "../words/made-up.ts";
import { think } from "../working/steps.ts";
import { drawRow } from "./copying.ts";

const ROWS: Lists = {
  en: halves(
    "Reverse this list: {x}|Reverse the order: {x}|Say this in reverse order: {x}|Backwards, please: {x}",
    "Please reverse: {x}|Write this list backwards: {x}",
  ),
  zh: halves("倒过来写：{x}|请倒过来说：{x}", "请倒着写：{x}"),
};
const WORDS: Lists = {
  en: halves(
    "Spell {x} backwards.|Reverse the word {x}.|Write the word {x} backwards.",
    "Please spell the word {x} backwards.|What is {x} in reverse?",
  ),
  zh: halves("把单词{x}倒过来写。|单词{x}倒过来是什么？", "请把单词{x}倒着写。"),
};

export const reversing: Skill = {
  name: "reversing",
  title: "reversing lists and words",
  example(random, split, options) {
    const { language } = options;
    const word = chance(random, 0.4);
    const items = word
      ? [...(chance(random, 0.5) ? pick(random, ITEMS.en[split]) : madeUp(random, split))]
      : drawRow(random, split, language, 8);
    const joint = word ? "" : pick(random, [" ", ", "]);
    const back = items.toReversed();
    const answer = back.join(joint);
    const numbered = items.map((item, i) => `${i + 1} ${item}`);
    const steps = [...numbered, ...numbered.toReversed()];
    return compose(options, {
      prompt: fill(pick(random, (word ? WORDS : ROWS)[language][split]), { x: items.join(joint) }),
      think: (notes, level) =>
        think(
          notes,
          level,
          steps,
          back.map((item, i) => `${items.length - i} ${item}`),
          [`${items.length}`, answer],
        ),
      content: answer,
      check: textIs(answer),
    });
  },
};
