import { mentions } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick, type Random, sample, until } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill, Split } from "../skill.ts";
import { halves, type Lists } from "../split.ts";
import { spokenList } from "../tools/field.ts";
import { FILLER } from "../words/filler.ts";
import { ITEMS } from "../words/items.ts";
import { madeUp } from "../words/made-up.ts";

/** What a key has: a code of digits, a word. */
const STATEMENTS: Lists = {
  en: halves(
    "The code of {k} is {v}.|{k} has the code {v}.|Remember: the code of {k} is {v}.",
    "Note that the code of {k} is {v}.|The code for {k} is {v}.",
  ),
  zh: halves("{k}的号码是{v}。|记住：{k}的号码是{v}。", "{k}的号码为{v}。"),
};
const QUESTIONS: Lists = {
  en: halves(
    "What is the code of {k}?|Tell me the code of {k}.|Which code has {k}?",
    "Please give me the code of {k}.|What code does {k} have?",
  ),
  zh: halves("{k}的号码是多少？|请说出{k}的号码。", "请问{k}的号码是什么？"),
};
const MANY: Lists = {
  en: halves("What are the codes of {k}?|Tell me the codes of {k}.", "Please give me the codes of {k}."),
  zh: halves("{k}的号码是多少？|请说出{k}的号码。", "请问{k}的号码是什么？"),
};

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Room for the question and what the dialect writes around a prompt, in tokens. */
const AROUND = 48;
const estimate = (text: string): number => text.length / 3;

export const retrieval: Skill = {
  name: "retrieval",
  title: "finding keys and their values in long prompts",
  long: true,
  example(random, split, options) {
    const { language, length = 256, tokens = estimate } = options;
    const pairs = drawPairs(random, split, language, between(random, 2, Math.max(3, Math.min(24, Math.floor(length / 40)))));
    const lines = pairs.map(({ key, value }) => fill(pick(random, STATEMENTS[language][split]), { k: key, v: value }));
    let left = length - AROUND - lines.reduce((sum, line) => sum + tokens(`${line}\n`), 0);
    const filler: string[] = [];
    for (;;) {
      const line = fillerLine(random, split, language);
      left -= tokens(`${line}\n`);
      if (left < 0) break;
      filler.push(line);
    }
    const asked = chance(random, 0.25) ? sample(random, pairs, between(random, 2, Math.min(3, pairs.length))) : [pick(random, pairs)];
    const wording = pick(random, (asked.length > 1 ? MANY : QUESTIONS)[language][split]);
    const question = fill(wording, {
      k: spokenList(
        asked.map((p) => p.key),
        language,
      ),
    });
    const content = asked.map(({ key, value }) => `${key}: ${value}`).join("\n");
    return compose(options, {
      prompt: [...scattered(random, lines, filler), question].join("\n"),
      think(notes, level) {
        for (const { key, value } of asked) {
          notes.line(key, "?");
          // What stands beside the key is read twice and three times; a prompt has nothing else to check it by.
          for (let i = level === "low" ? 1 : level === "high" ? 2 : 3; i > 0; i--) notes.line(`${key} ${value}`);
        }
      },
      content,
      check: mentions(
        asked.map((p) => p.value),
        pairs.filter((p) => !asked.includes(p)).map((p) => p.value),
      ),
    });
  },
};

/** The shorter list of short words has ten. */
const WORD_VALUES = 8;

/** Keys are made up; values are four digits or a word, and all different. */
function drawPairs(random: Random, split: Split, language: Language, count: number): Pair[] {
  const digits = chance(random, 0.7);
  const pairs: Pair[] = [];
  while (pairs.length < Math.min(count, digits ? count : WORD_VALUES)) {
    const key = until(
      () => madeUp(random, split, true),
      (word) => !pairs.some((p) => p.key === word),
    );
    const value = until(
      () => (digits ? String(between(random, 1000, 9999)) : pick(random, ITEMS[language][split])),
      // In Chinese one value could be part of another, or of a sentence.
      (text) => !pairs.some((p) => p.value.includes(text) || text.includes(p.value)),
    );
    pairs.push({ key, value });
  }
  return pairs;
}

const fillerLine = (random: Random, split: Split, language: Language): string => {
  const [who, does, where] = [FILLER.who, FILLER.does, FILLER.where].map((list) => pick(random, list[language][split]));
  return language === "en" ? `${who} ${does} ${where}.` : `${who}${where}${does}。`;
};

/** The lines at random places among the filler, in their order. */
function scattered(random: Random, lines: readonly string[], filler: readonly string[]): string[] {
  const places = lines.map(() => between(random, 0, filler.length)).sort((a, b) => a - b);
  const out: string[] = [];
  let next = 0;
  for (let i = 0; i <= filler.length; i++) {
    while (places[next] === i) out.push(lines[next++]!);
    if (i < filler.length) out.push(filler[i]!);
  }
  return out;
}
