import { ask } from "../asking.ts";
import { lastNumberIs, textIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick, type Random, until } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill, Split } from "../skill.ts";
import { belongs, halves, type Lists } from "../split.ts";
import { wordsOf } from "../words/altered.ts";
import { ITEMS } from "../words/items.ts";
import { think } from "../working/steps.ts";

/** One thing to say about a list. */
interface Summary {
  readonly asked: Lists;
  /** Lists of numbers, of words (in English alone, where letters count), of either. */
  readonly of: "numbers" | "words" | "latin" | "any";
  answer(items: readonly string[]): string;
  steps(items: readonly string[], answer: string): readonly string[];
}

const numbered = (items: readonly string[]): string[] => items.map((item, i) => `${i + 1} ${item}`);
const byNumber = (a: string, b: string): number => Number(a) - Number(b);
const ascending = (items: readonly string[]): string[] => [...items].sort(Number.isNaN(Number(items[0])) ? undefined : byNumber);

/** The better of two, item by item: `12 45 45 45 80`. */
const best = (items: readonly string[], better: (a: string, b: string) => boolean): string[] => {
  let kept = items[0]!;
  return items.map((item) => {
    if (better(item, kept)) kept = item;
    return `${item} ${kept}`;
  });
};
const extreme = (better: (a: string, b: string) => boolean): Pick<Summary, "answer" | "steps"> => ({
  answer: (items) => items.reduce((kept, item) => (better(item, kept) ? item : kept)),
  steps: (items) => best(items, better),
});

const SUMMARIES: readonly Summary[] = [
  {
    asked: {
      en: halves(
        `How many items are in this list?|How many entries does the list have?|Count the items.|How many items are there?|How many are there?|Count these.|How many things are these?|
        How many items does the list have?|How long is this list?|How many words or numbers are here?|Count the entries of the list.|How many elements are in the list?`,
        "What is the number of items?|How many are these?",
      ),
      zh: halves("一共有几个？|这里有几个？|一共几个？|有多少个？|数一数。|这里一共多少个？", "数一数有几个？"),
    },
    of: "any",
    answer: (items) => String(items.length),
    steps: (items) => numbered(items),
  },
  {
    asked: {
      en: halves(
        `What is the first item?|Which item comes first?|Name the first.|What is first?|What comes first?|What is the first one?|Name the first item.|Give me the first item.|
        First item?|Which is the first?|Only the first, please.|What does the list begin with?|What is the first entry?|Which one comes first in the list?`,
        "Tell me the first item.|Which one is first?",
      ),
      zh: halves("第一个是什么？|哪个在第一？|第一个是哪个？|第一个？|说出第一个。|最前的是哪个？", "请说第一个。"),
    },
    of: "any",
    answer: (items) => items[0]!,
    steps: (_, answer) => [`1 ${answer}`],
  },
  {
    asked: {
      en: halves(
        `What is the last item?|Which item comes last?|Name the last.|What is last?|What comes last?|What is the last one?|Name the last item.|Give me the last item.|
        Last item?|Which is the last?|Only the last, please.|What does the list end with?|What is the last entry?|Which one comes last in the list?`,
        "Tell me the last item.|Which one is last?",
      ),
      zh: halves("最后一个是什么？|哪个在最后？|最后一个是哪个？|最后一个？|说出最后一个。|最后的是哪个？", "请说最后一个。"),
    },
    of: "any",
    answer: (items) => items.at(-1)!,
    steps: (items) => [numbered(items).at(-1)!],
  },
  {
    asked: {
      en: halves(
        `Sort the list.|Put the items in order.|Sort these.|Sort.|Sort these numbers.|Sort the numbers.|Sort this list.|Sort from smallest to largest.|Order these numbers.|
        Put these numbers in order.|Arrange from small to large.|Sort in ascending order.|Put the numbers in ascending order.|Order them from low to high.|Sort these numbers from least to greatest.`,
        "Please sort the items.|Give me the list in order.",
      ),
      zh: halves("从小到大写。|从小到大列出。|从小到大。|请从小到大列出。|从小写到大。|从小的开始列出。", "请从小到大写一下。"),
    },
    of: "numbers",
    answer: (items) => ascending(items).join(", "),
    steps: (items) => sorting(items),
  },
  {
    asked: {
      en: halves(
        `Sort the words by the alphabet.|Put the words in order.|Sort alphabetically.|Sort these words.|Sort these words alphabetically.|Alphabetical order, please.|
        Put these in alphabetical order.|Arrange the words from a to z.|Order these words by the alphabet.|Sort from a to z.|List them in alphabetical order.|Sort this list of words.`,
        "Please sort the words.",
      ),
      zh: halves("用字母的先后写。|从a到z写。|从a到z列出。|请用字母的先后写一下。", "请用字母的先后列出。"),
    },
    of: "latin",
    answer: (items) => ascending(items).join(", "),
    steps: (items) => sorting(items),
  },
  {
    asked: {
      en: halves(
        `Which word is the longest?|Name the longest word.|What is the longest?|What is the longest word?|Which is the longest?|Longest word?|Give me the longest word.|
        Find the longest word.|Which word has the most letters?|Which of these is the longest?|Which of these words is the longest?|Say the longest word.`,
        "Tell me the longest word.|Which is the longest word?",
      ),
      zh: halves("哪个最长？|最长的是什么？|最长的单词是哪个？|找出最长的。|哪个单词最长？|最长的是哪个？", "请说最长的。"),
    },
    of: "latin",
    ...extreme((a, b) => a.length > b.length),
    steps: (items) => items.map((item) => `${item} ${item.length}`),
  },
  {
    asked: {
      en: halves(
        `Which number is the largest?|Name the largest number.|What is the largest?|What is the largest number?|Which is the largest?|Largest number?|What is the maximum?|
        Find the largest number.|What is the biggest number?|Which is the biggest?|Give me the biggest number.|Find the maximum.|Which of these is the largest?|What is the greatest number?`,
        "Tell me the largest number.|Which is the largest number?",
      ),
      zh: halves("哪个最大？|最大的是多少？|最大的是哪个？|找出最大的。|哪个数最大？|最大的数是多少？", "请说最大的。"),
    },
    of: "numbers",
    ...extreme((a, b) => Number(a) > Number(b)),
  },
  {
    asked: {
      en: halves(
        `Which number is the smallest?|Name the smallest number.|What is the smallest?|What is the smallest number?|Which is the smallest?|Smallest number?|What is the minimum?|
        Find the smallest number.|What is the lowest number?|Which is the lowest?|Give me the smallest number.|Find the minimum.|Which of these is the smallest?|What is the least?`,
        "Tell me the smallest number.|Which is the smallest number?",
      ),
      zh: halves("哪个最小？|最小的是多少？|最小的是哪个？|找出最小的。|哪个数最小？|最小的数是多少？", "请说最小的。"),
    },
    of: "numbers",
    ...extreme((a, b) => Number(a) < Number(b)),
  },
];

/** Sorting by picking the smallest of what is left. */
function sorting(items: readonly string[]): string[] {
  const left = [...items];
  return ascending(items).map((item) => {
    left.splice(left.indexOf(item), 1);
    return left.length > 0 ? `${item} left ${left.join(" ")}` : item;
  });
}

const LAYOUTS = [
  "{list}. {q}",
  "{q} {list}",
  "{list}\n{q}",
  "{q}\n{list}",
  "{q}\n\n{list}",
  "{list} - {q}",
  "[{list}] {q}",
  "{q} [{list}]",
  "({list}) {q}",
  "List: {list}. {q}",
];
const JOINED: Readonly<Record<Language, readonly string[]>> = { en: [", ", " ", "\n- ", "; ", ",", " | "], zh: ["、", "，", " ", ","] };

export const lists: Skill = {
  name: "lists",
  title: "summaries of lists: how many, first, last, longest, largest, in order",
  example(random, split, options) {
    const { language } = options;
    const summary = pick(random, SUMMARIES);
    const items = drawItems(random, split, language, summary);
    const answer = summary.answer(items);
    const joint = pick(random, JOINED[language]);
    const list = (joint.startsWith("\n") ? joint.slice(1) : "") + items.join(joint);
    const layout = pick(random, LAYOUTS.slice(0, joint.startsWith("\n") ? 5 : undefined));
    const steps = summary.steps(items, answer);
    return compose(options, {
      prompt: fill(layout, { list, q: ask(random, split, language, summary.asked, {}, layout.endsWith("{list}")) }),
      think: (notes, level) => think(notes, level, steps, [items.join(" "), answer], [...numbered(items), answer]),
      content: answer,
      check: /^\d+$/.test(answer) ? lastNumberIs(Number(answer)) : textIs(answer),
    });
  },
};

/** Different items; where letters count, no two words of the same length compete for the longest. */
function drawItems(random: Random, split: Split, language: Language, { of }: Summary): string[] {
  const count = between(random, 3, 7);
  const numbers = of === "numbers" || (of === "any" && chance(random, 0.4));
  const words = ITEMS[of === "latin" ? "en" : language];
  return until(
    () =>
      numbers
        ? [...new Set(Array.from({ length: count }, () => String(between(random, 0, pick(random, [99, 99, 999])))))]
        : wordsOf(random, words, split, count),
    (items) => {
      if (items.length < 3 || !belongs(items.join(), split)) return false;
      const lengths = items.map((item) => item.length).sort((a, b) => b - a);
      return of !== "latin" || lengths[0] !== lengths[1];
    },
  );
}
