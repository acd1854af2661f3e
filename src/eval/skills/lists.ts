import { lastNumberIs, textIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick, type Random, sample, until } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill, Split } from "../skill.ts";
import { belongs, halves, type Lists } from "../split.ts";
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
        "How many items are in this list?|How many entries does the list have?|Count the items.",
        "What is the number of items?|How many are these?",
      ),
      zh: halves("一共有几个？|这里有几个？", "数一数有几个？"),
    },
    of: "any",
    answer: (items) => String(items.length),
    steps: (items) => numbered(items),
  },
  {
    asked: {
      en: halves("What is the first item?|Which item comes first?|Name the first.", "Tell me the first item.|Which one is first?"),
      zh: halves("第一个是什么？|哪个在第一？", "请说第一个。"),
    },
    of: "any",
    answer: (items) => items[0]!,
    steps: (_, answer) => [`1 ${answer}`],
  },
  {
    asked: {
      en: halves("What is the last item?|Which item comes last?|Name the last.", "Tell me the last item.|Which one is last?"),
      zh: halves("最后一个是什么？|哪个在最后？", "请说最后一个。"),
    },
    of: "any",
    answer: (items) => items.at(-1)!,
    steps: (items) => [numbered(items).at(-1)!],
  },
  {
    asked: {
      en: halves("Sort the list.|Put the items in order.|Sort these.", "Please sort the items.|Give me the list in order."),
      zh: halves("从小到大写。|从小到大列出。", "请从小到大写一下。"),
    },
    of: "numbers",
    answer: (items) => ascending(items).join(", "),
    steps: (items) => sorting(items),
  },
  {
    asked: {
      en: halves("Sort the words by the alphabet.|Put the words in order.", "Please sort the words."),
      zh: halves("用字母的先后写。", "请用字母的先后列出。"),
    },
    of: "latin",
    answer: (items) => ascending(items).join(", "),
    steps: (items) => sorting(items),
  },
  {
    asked: {
      en: halves(
        "Which word is the longest?|Name the longest word.|What is the longest?",
        "Tell me the longest word.|Which is the longest word?",
      ),
      zh: halves("哪个最长？|最长的是什么？", "请说最长的。"),
    },
    of: "latin",
    ...extreme((a, b) => a.length > b.length),
    steps: (items) => items.map((item) => `${item} ${item.length}`),
  },
  {
    asked: {
      en: halves(
        "Which number is the largest?|Name the largest number.|What is the largest?",
        "Tell me the largest number.|Which is the largest number?",
      ),
      zh: halves("哪个最大？|最大的是多少？", "请说最大的。"),
    },
    of: "numbers",
    ...extreme((a, b) => Number(a) > Number(b)),
  },
  {
    asked: {
      en: halves(
        "Which number is the smallest?|Name the smallest number.|What is the smallest?",
        "Tell me the smallest number.|Which is the smallest number?",
      ),
      zh: halves("哪个最小？|最小的是多少？", "请说最小的。"),
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

const LAYOUTS = ["{list}. {q}", "{q} {list}", "{list}\n{q}", "{q}\n{list}"];
const JOINED: Readonly<Record<Language, readonly string[]>> = { en: [", ", " ", "\n- "], zh: ["、", "，", " "] };

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
    const steps = summary.steps(items, answer);
    return compose(options, {
      prompt: fill(pick(random, LAYOUTS), { list, q: pick(random, summary.asked[language][split]) }),
      think: (notes, level) => think(notes, level, steps, [...numbered(items), answer], [...steps, answer]),
      content: answer,
      check: /^\d+$/.test(answer) ? lastNumberIs(Number(answer)) : textIs(answer),
    });
  },
};

/** Different items; where letters count, no two words of the same length compete for the longest. */
function drawItems(random: Random, split: Split, language: Language, { of }: Summary): string[] {
  const count = between(random, 3, 7);
  const numbers = of === "numbers" || (of === "any" && chance(random, 0.4));
  const words = ITEMS[of === "latin" ? "en" : language][split];
  return until(
    () =>
      numbers
        ? [...new Set(Array.from({ length: count }, () => String(between(random, 0, pick(random, [99, 99, 999])))))]
        : sample(random, words, count),
    (items) => {
      if (items.length < 3 || !belongs(items.join(), split)) return false;
      const lengths = items.map((item) => item.length).sort((a, b) => b - a);
      return of !== "latin" || lengths[0] !== lengths[1];
    },
  );
}
