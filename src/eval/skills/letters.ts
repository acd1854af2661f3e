import { ask } from "../asking.ts";
import { lastNumberIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick, until } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Skill } from "../skill.ts";
import { belongs, halves, type Lists } from "../split.ts";
import { wordOf } from "../words/altered.ts";
import { ITEMS } from "../words/items.ts";
import { madeUp } from "../words/made-up.ts";
import { think } from "../working/steps.ts";
import { ANSWER } from "./arithmetic.ts";

const ALL: Lists = {
  en: halves(
    `How many letters does {w} have?|How many letters are in the word {w}?|Count the letters of {w}.|How many letters are in {w}?|How many letters are there in {w}?|
    Count the letters in {w}.|Number of letters in {w}?|How many characters does {w} have?|What is the length of the word {w}?|Letters in {w}?|
    Tell me how many letters {w} has.|How many letters do you need to write {w}?|length of {w}`,
    "How many letters has the word {w}?|How long is the word {w}?",
  ),
  zh: halves(
    "单词{w}有几个字母？|{w}有多少个字母？|{w}有几个字母？|数一数{w}的字母。|单词{w}一共有几个字母？|{w}一共多少字母？",
    "请问单词{w}有多少个字母？",
  ),
};
const ONE: Lists = {
  en: halves(
    `How many times does the letter {l} occur in {w}?|How many {l} are in {w}?|How often does {w} contain the letter {l}?|Count the letter {l} in {w}.|
    How many {l}'s are in {w}?|How many {l}'s are there in {w}?|How many {l} does {w} have?|How many letters {l} are in {w}?|How often is {l} in {w}?|
    How often does {l} appear in {w}?|How many times does {l} appear in the word {w}?|Count the {l}'s in {w}.|Number of {l} in {w}?|How many times do you see {l} in {w}?|
    In {w}, how many {l} are there?|Tell me how many {l} are in the word {w}.`,
    "How many {l}'s are in the word {w}?|How many times is {l} in {w}?",
  ),
  zh: halves(
    "单词{w}里有几个{l}？|{w}里有几个字母{l}？|{w}里有几个{l}？|{w}有多少个{l}？|数一数{w}里的{l}。|字母{l}在{w}里有几个？|单词{w}中{l}有几个？",
    "请问单词{w}里有多少个{l}？",
  ),
};

export const letters: Skill = {
  name: "letters",
  title: "counting letters",
  example(random, split, options) {
    const { language } = options;
    const word = until(
      () => (chance(random, 0.5) ? wordOf(random, ITEMS.en, split) : madeUp(random, split)),
      (w) => belongs(w, split) || ITEMS.en[split].includes(w),
    );
    const spelled = [...word];
    const letter = chance(random, 0.3)
      ? undefined
      : chance(random, 0.15)
        ? String.fromCharCode(between(random, 97, 122))
        : pick(random, spelled);
    const counted = (l: string) => letter === undefined || l === letter;
    const result = spelled.filter(counted).length;
    const steps = (from: readonly string[]): string[] => {
      let n = 0;
      return [...from.map((l) => `${l} ${counted(l) ? ++n : n}`), `=${n}`];
    };
    return compose(options, {
      prompt: ask(random, split, language, letter === undefined ? ALL : ONE, { w: word, l: letter ?? "" }),
      think: (notes, level) =>
        think(notes, level, steps(spelled), [`${spelled.filter(counted).join("")}=${result}`], [...spelled.toReversed(), `=${result}`]),
      content: fill(ANSWER[language], { n: result }),
      check: lastNumberIs(result),
    });
  },
};
