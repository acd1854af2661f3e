import { ask } from "../asking.ts";
import { mentions } from "../checks.ts";
import { compose, type Turn } from "../compose.ts";
import { between, chance, pick, type Random, sample } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill, Split } from "../skill.ts";
import { type Drawn, halves, type Lists } from "../split.ts";
import { spokenList } from "../tools/field.ts";
import { wordOf, wordsOf } from "../words/altered.ts";
import { FILLER } from "../words/filler.ts";
import { ITEMS } from "../words/items.ts";
import { loosened } from "../words/loosened.ts";
import { madeUp, madeUpName } from "../words/made-up.ts";
import { PEOPLE } from "../words/people.ts";

/** What a key has: `{n}` of `{k}` is `{v}`. */
const NOUN: Lists = {
  en: halves(
    `code|code|number|pin|key|password|secret|id|word|value|color|label|name|mark|sign|answer|phone|ticket|token|tag|index|level|room|seat|badge|symbol|title|
    model|version|price|address|box|time|size|order|status|place|team|item|score|nickname|hash|license`,
    "passcode|serial|locker|extension|flag|account|plate|station|channel",
  ),
  zh: halves("号码|号码|号|词|名字|字|记号|书|颜色|价格|房间|号码牌", "密码|代号|车号"),
};
const STATEMENTS: Lists = {
  en: halves(
    `The {n} of {k} is {v}.|{k} has the {n} {v}.|Remember: the {n} of {k} is {v}.|{k}'s {n} is {v}.|{v} is the {n} of {k}.|The {n} for the {k} is {v}.|{k}: {n} {v}.|
    {k} {n}: {v}.|{k} = {v}.|{k}: {v}|{k} -> {v}|For {k} the {n} is {v}.|Its {n} is {v}, says {k}.|{k} got the {n} {v}.|Please remember that {k} has {n} {v}.|
    We gave {k} the {n} {v}.|The {n} belonging to {k} is {v}.|The {n} {v} belongs to {k}.|{k} uses {n} {v}.|By the way, {k} has the {n} {v}.|It is known that the {n} of {k} is {v}.|
    Everybody knows that {k} has the {n} {v}.|Someone told me: {k}'s {n} is {v}.|The {n} that {k} has is {v}.|{k} chose {v} as {n}.|As {n} of {k} we write {v}.|Now the {n} of {k} is {v}.|
    {n} of {k} = {v}.|({k}, {n}: {v})|In the list stands: {k}, {n} {v}.|{k} said that the {n} is {v}.|The new {n} of {k} is called {v}.|{v}, that is the {n} of {k}.|Write down: {k} has {n} {v}.`,
    `Note that the {n} of {k} is {v}.|The {n} for {k} is {v}.|{k} was given the {n} {v}.|Do not forget: {k}'s {n} is {v}.|Fact: {k}'s {n} equals {v}.`,
  ),
  zh: halves(
    "{k}的{n}是{v}。|记住：{k}的{n}是{v}。|{v}是{k}的{n}。|{k}有{n}{v}。|{k}：{v}。|{k}用的{n}是{v}。|我们给{k}的{n}是{v}。|请记住，{k}的{n}是{v}。|{k}={v}",
    "{k}的{n}为{v}。|{k}的{n}：{v}。|要记住{k}的{n}是{v}。",
  ),
};
const QUESTIONS: Lists = {
  en: halves(
    `What is the {n} of {k}?|Tell me the {n} of {k}.|Which {n} has {k}?|What is {k}'s {n}?|What's the {n} of {k}?|What's {k}'s {n}?|Give me the {n} of {k}.|Which {n} does {k} have?|
    {n} of {k}?|{k}'s {n}?|Find the {n} of {k}.|What is the {n} for {k}?|Do you remember the {n} of {k}?|Can you find the {n} of {k}?|I need the {n} of {k}.|
    Look up the {n} of {k}.|According to the text, what is the {n} of {k}?|Which {n} belongs to {k}?|Say the {n} of {k}.|What was the {n} of {k}?|Now what is the {n} of {k}?|
    What {n} was mentioned for {k}?|What {n} did {k} get?|From the text above, give {k}'s {n}.|Please tell me the {n} of {k}.|
    The {n} of {k}?|And the {n} of {k} is?|Read the text and say the {n} of {k}.|Which {n} did {k} choose?|Do you know {k}'s {n}?|Answer with the {n} of {k}.|Show me the {n} of {k}.|
    What is {k}'s {n} again?|Remind me of the {n} of {k}.|I forgot the {n} of {k}.|Someone wants to know the {n} of {k}.|{k} has which {n}?|How does the {n} of {k} read?|Question: {n} of {k}?`,
    `Please give me the {n} of {k}.|What {n} does {k} have?|Can you tell me {k}'s {n}?|The {n} of {k}, please.|What does the text say is the {n} of {k}?`,
  ),
  zh: halves(
    `{k}的{n}是多少？|请说出{k}的{n}。|{k}的{n}是什么？|告诉我{k}的{n}。|{k}的{n}？|{k}有什么{n}？|找出{k}的{n}。|说{k}的{n}。|请找出{k}的{n}。|你记住{k}的{n}了吗？|
    {k}的{n}呢？|我想知道{k}的{n}。|你知道{k}的{n}吗？|{k}用的{n}是什么？|上面说{k}的{n}是什么？|给我{k}的{n}。|{k}的{n}是哪个？|我忘了{k}的{n}。|{k}的{n}怎么写？|写出{k}的{n}。|
    我们给{k}的{n}是什么？|{k}，{n}是什么？|想一想，{k}的{n}是多少？|看看{k}的{n}是什么。|{k}的{n}`,
    "请问{k}的{n}是什么？|请告诉我{k}的{n}。|我要{k}的{n}。",
  ),
};
const MANY: Lists = {
  en: halves(
    `What are the {n}s of {k}?|Tell me the {n}s of {k}.|Give me the {n}s of {k}.|Which {n}s have {k}?|Find the {n}s of {k}.|I need the {n}s of {k}.|What is the {n} of {k}?|
    Say the {n}s of {k}.|List the {n}s of {k}.|Look up the {n}s for {k}.|What are the {n}s for {k}?|What {n}s belong to {k}?`,
    "Please give me the {n}s of {k}.|What {n}s do {k} have?|The {n}s of {k}, please.",
  ),
  zh: halves(
    `{k}的{n}是多少？|请说出{k}的{n}。|{k}的{n}是什么？|告诉我{k}的{n}。|找出{k}的{n}。|列出{k}的{n}。|{k}的{n}呢？|我想知道{k}的{n}。|你知道{k}的{n}吗？|给我{k}的{n}。|
    写出{k}的{n}。|上面说{k}的{n}是什么？|{k}各有什么{n}？`,
    "请问{k}的{n}是什么？|我要{k}的{n}。",
  ),
};
/** What stands before all of it. */
const OPENINGS: Lists = {
  en: halves(
    `Read this text.|Remember the following.|Here is a text.|Read carefully.|Text:|Document:|I will tell you some things.|Below is a long text. Answer the question at its end.|
    Notes:|Please read:|Look at this:|Story:`,
    "Study this.|Context:|Consider the following text.",
  ),
  zh: halves("请看：|请读：|请记住：|文字：|看看这个：", "请看一下：|这里有文字："),
};

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** Room for the question and what the dialect writes around a prompt, in tokens. */
const AROUND = 48;
/** More than a further question with its answer takes, in the mean of several. */
const TURN = 160;
const estimate = (text: string): number => text.length / 3;

export const retrieval: Skill = {
  name: "retrieval",
  title: "finding keys and their values in long prompts",
  long: true,
  example(random, split, options) {
    const { language, length = 256, tokens = estimate } = options;
    const pairs = drawPairs(random, split, language, between(random, 2, Math.max(3, Math.min(24, Math.floor(length / 40)))));
    const n = pick(random, NOUN[language][split]);
    const said = STATEMENTS[language][split];
    // All lines alike, as in a table, or each in its own way.
    const say = () => loosened(random, split, language, pick(random, said), true);
    const alike = chance(random, 0.3) ? say() : undefined;
    const lines = pairs.map(({ key, value }) => fill(alike ?? say(), { k: key, v: value, n }));
    const opening = chance(random, 0.3) ? [pick(random, OPENINGS[language][split])] : [];
    // A text costs so much to read that training asks several questions of it, one turn after the other: the longest
    // shall not become longer by it.
    const turns = split === "train" && chance(random, 0.6) ? between(random, 1, 9) : 0;
    const room = length > 4096 ? turns * TURN : 0;
    let left = length - AROUND - room - [...opening, ...lines].reduce((sum, line) => sum + tokens(`${line}\n`), 0);
    const filler: string[] = [];
    // In training sometimes the same few lines again and again, as in a log: what is asked for must stand out from them.
    const few = split === "train" && chance(random, 0.35) ? between(random, 2, 60) : 0;
    const lot = Array.from({ length: few }, () => fillerLine(random, split, language));
    for (;;) {
      const line = few > 0 ? pick(random, lot) : fillerLine(random, split, language);
      left -= tokens(`${line}\n`);
      if (left < 0) break;
      filler.push(line);
    }
    const most = split === "train" ? 6 : 3;
    const draw = () => {
      const several = chance(random, most > 3 ? 0.6 : 0.25);
      const asked = several ? sample(random, pairs, between(random, 2, Math.min(most, pairs.length))) : [pick(random, pairs)];
      const k = spokenList(
        asked.map((p) => p.key),
        language,
      );
      return { asked, question: ask(random, split, language, asked.length > 1 ? MANY : QUESTIONS, { n, k }) };
    };
    const all = Array.from({ length: turns + 1 }, draw);
    // What is asked for must be found in the question, and that is hard where other text stands before it.
    const more = () => Array.from({ length: chance(random, 0.6) ? between(random, 1, 4) : 0 }, () => fillerLine(random, split, language));
    const text = [...opening, ...scattered(random, lines, filler)];
    const joint = pick(random, ["\n", "\n", " "]);
    const asking = all.map(({ asked, question }, i) => turnOf(i === 0 ? text : more(), joint, question, asked));
    const { asked } = all.at(-1)!;
    return compose(options, {
      ...asking.at(-1)!,
      earlier: asking.slice(0, -1),
      check: mentions(
        asked.map((p) => p.value),
        pairs.filter((p) => !asked.includes(p)).map((p) => p.value),
      ),
    });
  },
};

/** At `high` and `max` the question is said again first: no other text is as near by then as it is. */
const turnOf = (text: readonly string[], joint: string, question: string, asked: readonly Pair[]): Turn => ({
  prompt: [...text, question].join(joint),
  think(notes, level) {
    if (level !== "low") notes.line("asked ", question);
    for (const { key, value } of asked) {
      notes.line(key, "?");
      // What stands beside the key is read twice and three times; a prompt has nothing else to check it by.
      for (let i = level === "low" ? 1 : level === "high" ? 2 : 3; i > 0; i--) notes.line(`${key} ${value}`);
    }
  },
  content: asked.map(({ key, value }) => `${key}: ${value}`).join("\n"),
});

/** The shorter list of short words has twenty. */
const WORD_VALUES = 8;

const KEYS: readonly Drawn[] = [
  (random, split) => madeUp(random, split, true),
  (random, split) => madeUp(random, split),
  (random, split) => madeUpName(random, split),
  (random, split, language) => wordOf(random, PEOPLE[language], split),
  (random, split) => `${madeUp(random, split, true)} ${madeUp(random, split, true)}`,
  (random, split) => `${wordOf(random, ITEMS.en, split)} ${wordOf(random, ITEMS.en, split)}`,
];
const VALUES: readonly Drawn[] = [
  (random) => String(between(random, 1000, 9999)),
  (random) => String(between(random, 100, 999999)),
  (random, split, language) => wordOf(random, ITEMS[language], split),
  (random, split) => madeUp(random, split),
  (random, split) => madeUpName(random, split),
];

/** Keys and values of a kind, all different, and no value part of another: in Chinese nothing tells words apart. Fewer where short words run out. */
function drawPairs(random: Random, split: Split, language: Language, count: number): Pair[] {
  const [key, value] = [pick(random, [0, 0, 0, 1, 2, 2, 3, 4, 5]), pick(random, [0, 0, 0, 1, 1, 2, 3, 4])];
  const most = key === 3 || value === 2 ? Math.min(count, WORD_VALUES) : count;
  const clash = (a: string, b: string) => a.includes(b) || b.includes(a);
  const pairs: Pair[] = [];
  for (let tries = 0; pairs.length < most && tries < 1000; tries++) {
    const drawn = { key: KEYS[key]!(random, split, language), value: VALUES[value]!(random, split, language) };
    const taken = pairs.some((p) => [p.key, p.value].some((one) => clash(one, drawn.key) || clash(one, drawn.value)));
    if (!taken && !clash(drawn.key, drawn.value)) pairs.push(drawn);
  }
  return pairs;
}

/** Parts of a sentence; in training sometimes any words: what is asked for is told by the question, not by being strange. */
const fillerLine = (random: Random, split: Split, language: Language): string => {
  const anything = () => wordsOf(random, ITEMS[language], split, between(random, 1, 3)).join(language === "en" ? " " : "");
  const [who, does, where] = [FILLER.who, FILLER.does, FILLER.where].map((list) =>
    split === "train" && chance(random, 0.15) ? anything() : pick(random, list[language][split]),
  );
  return loosened(random, split, language, language === "en" ? `${who} ${does} ${where}.` : `${who}${where}${does}。`, true);
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
