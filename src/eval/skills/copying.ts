import { textIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, pick, type Random, sample } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill, Split } from "../skill.ts";
import { halves, type Lists } from "../split.ts";
import { ITEMS } from "../words/items.ts";
import { madeUp } from "../words/made-up.ts";
import { think } from "../working/steps.ts";

const WORDINGS: Lists = {
  en: halves(
    "Repeat this: {x}|Copy: {x}|Say {x}|Write exactly this: {x}|Repeat after me: {x}|Copy this text.\n{x}",
    "Please repeat: {x}|Write this again: {x}|Say exactly this: {x}",
  ),
  zh: halves("请说：{x}|写：{x}|请再说一次：{x}|抄一次：{x}", "请写：{x}|请抄：{x}"),
};

/** A row of digits, of letters, of words, of made-up words; also what copying of and reversing share. */
export function drawRow(random: Random, split: Split, language: Language, most: number): string[] {
  const count = between(random, 2, most);
  return pick(random, [
    () => Array.from({ length: count }, () => String(between(random, 0, 9))),
    () => Array.from({ length: count }, () => String.fromCharCode(between(random, 97, 122))),
    () => sample(random, ITEMS[language][split], count),
    () => sample(random, ITEMS.en[split], count),
    () => Array.from({ length: Math.ceil(count / 2) }, () => madeUp(random, split)),
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
      prompt: fill(pick(random, WORDINGS[options.language][split]), { x: text }),
      think: (notes, level) => think(notes, level, ["copy"], numbered, [`${row.length}`]),
      content: text,
      check: textIs(text),
    });
  },
};
