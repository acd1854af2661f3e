import { ask } from "../asking.ts";
import { lastNumberIs, mentions } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick, type Random, until } from "../draw.ts";
import type { Example, ExampleOptions, Language, Skill, Split } from "../skill.ts";
import { belongs, halves, type Lists } from "../split.ts";
import { dateText, MONTHS, WEEKDAYS } from "../words/calendar.ts";
import { think } from "../working/steps.ts";

const AFTER: Lists = {
  en: halves(
    `What is the day after {d}?|Which date follows {d}?|What date comes after {d}?|Today is {d}. What date is tomorrow?|What comes after {d}?|What is the next day after {d}?|
    Which day follows {d}?|Name the day after {d}.|Give me the date after {d}.|Today is {d}. What is tomorrow's date?|It is {d}. What date is it tomorrow?|
    If today is {d}, what date is tomorrow?|Tomorrow's date, if today is {d}?|One day after {d}?|What is {d} plus one day?|The date following {d}?|{d}: what is the next day?`,
    "Which day comes after {d}?|If today is {d}, what is the date tomorrow?",
  ),
  zh: halves(
    "{d}的后一天是几月几日？|{d}之后一天是几月几日？|{d}的第二天是几月几日？|{d}后一天是哪天？|如果今天是{d}，明天是哪天？|{d}再过一天是几月几日？",
    "今天是{d}，明天是几月几日？",
  ),
};
const BETWEEN: Lists = {
  en: halves(
    `How many days are there from {d} to {e}?|How many days pass from {d} to {e}?|How many days is it from {d} to {e}?|How many days from {d} to {e}?|How many days until {e} from {d}?|
    Today is {d}. How many days until {e}?|How many days after {d} is {e}?|Count the days from {d} to {e}.|Days from {d} to {e}?|Number of days from {d} to {e}?|
    It is {d}. In how many days is {e}?|What is the number of days from {d} to {e}?|How many days before {e} is {d}?|How long is it from {d} to {e} in days?`,
    "How many days lie between {d} and {e}?|From {d} to {e}: how many days?",
  ),
  zh: halves(
    "从{d}到{e}有几天？|从{d}到{e}是多少天？|{d}到{e}一共几天？|{d}到{e}有多少天？|今天是{d}，到{e}还有几天？|从{d}到{e}过了几天？",
    "请问从{d}到{e}有多少天？",
  ),
};
const WEEKDAY: Lists = {
  en: halves(
    `{d} is a {w}. What weekday is {e}?|If {d} is a {w}, what day of the week is {e}?|{d} is a {w}. Which day of the week is {e}?|{d} is a {w}. What day is {e}?|
    If {d} is a {w}, what weekday is {e}?|Today is {w}, {d}. What day of the week is {e}?|{d} was a {w}. What day of the week was {e}?|{w} is {d}. Which weekday is {e}?|
    Which weekday is {e}, if {d} is a {w}?|What day of the week is {e} when {d} is a {w}?|Today is {d}, a {w}. Which weekday will {e} be?|On which day of the week is {e} if {d} is a {w}?`,
    "{d} falls on a {w}. On which weekday falls {e}?|Given that {d} is a {w}, what weekday is {e}?",
  ),
  zh: halves(
    "{d}是{w}，{e}是星期几？|如果{d}是{w}，{e}是星期几？|今天是{d}，{w}，{e}是星期几？|{d}是{w}。请问{e}是星期几？|{e}是星期几，如果{d}是{w}？",
    "已知{d}是{w}，请问{e}是星期几？",
  ),
};
/** Days of the week alone: one day on, and several. */
const NEXT: Lists = {
  en: halves(
    `What day comes after {w}?|What day follows {w}?|Which day is after {w}?|Today is {w}. What day is tomorrow?|If today is {w}, what is tomorrow?|It is {w} today. What day is it tomorrow?|
    The day after {w}?|What is the day after {w}?|Name the day after {w}.|Which weekday follows {w}?|After {w} comes which day?|Tomorrow, if today is {w}?`,
    "Which day comes after {w}?|Today is {w}. Which day of the week is tomorrow?",
  ),
  zh: halves("{w}的后一天是星期几？|{w}之后是星期几？|今天是{w}，明天是星期几？|如果今天是{w}，明天是星期几？", "{w}的第二天是星期几？"),
};
const LATER: Lists = {
  en: halves(
    `Today is {w}. What day is it in {n} days?|What day of the week is {n} days after {w}?|If today is {w}, what day is it in {n} days?|Which weekday is {n} days after {w}?|
    It is {w}. Which day is it {n} days later?|{n} days after {w}?|Today is {w}. What day will it be after {n} days?|{w} plus {n} days is which day?|What weekday is it {n} days from {w}?|
    Count {n} days from {w}. Which day is it?|If it is {w} now, what day of the week is it {n} days from now?`,
    "Starting on {w}, which weekday is it {n} days later?|Today is {w}. What weekday is it in {n} days?",
  ),
  zh: halves(
    "今天是{w}，再过{n}天是星期几？|{w}之后{n}天是星期几？|如果今天是{w}，{n}天后是星期几？|{w}再过{n}天是星期几？",
    "今天是{w}，请问{n}天后是星期几？",
  ),
};

type Kind = (random: Random, split: Split, options: ExampleOptions) => Example;

export const dates: Skill = {
  name: "dates",
  title: "dates: the day after, days between, weekdays",
  example: (random, split, options) => pick(random, [dayAfter, daysBetween, weekday, weekdayLater])(random, split, options),
};

const dayAfter: Kind = (random, split, options) => {
  const { language } = options;
  const [month, day] = until(
    () => {
      const month = between(random, 0, 11);
      const last = MONTHS[month]![1];
      return [month, chance(random, 0.4) ? last : between(random, 1, last)] as const;
    },
    // February may have one day more.
    ([month, day]) => !(month === 1 && day === 28) && belongs(`${month}-${day}`, split),
  );
  const [name, days] = MONTHS[month]!;
  const over = day === days;
  const result = dateText(language, over ? (month + 1) % 12 : month, over ? 1 : day + 1);
  const steps = [
    `${language === "en" ? name : `${month + 1}月`} ${days}`,
    `${day}+1=${day + 1}${over ? ">" : day + 1 === days ? "=" : "<"}${days}`,
    result,
  ];
  return compose(options, {
    prompt: ask(random, split, language, AFTER, { d: dateText(language, month, day) }),
    think: (notes, level) => think(notes, level, steps, [`${result} ${over ? "after" : "same"} month`], steps),
    content: language === "en" ? `${result}.` : `${result}。`,
    check: mentions([result]),
  });
};

/** Two days of one month, the first before the second. */
const twoDays = (random: Random, split: Split): readonly [month: number, first: number, second: number] =>
  until(
    () => {
      const month = between(random, 0, 11);
      const days = MONTHS[month]![1];
      return [month, between(random, 1, days - 1), between(random, 2, days)] as const;
    },
    ([, first, second]) => first < second && belongs(`${first},${second}`, split),
  );

const daysBetween: Kind = (random, split, options) => {
  const { language } = options;
  const [month, first, second] = twoDays(random, split);
  const result = second - first;
  return compose(options, {
    prompt: ask(random, split, language, BETWEEN, { d: dateText(language, month, first), e: dateText(language, month, second) }),
    think: (notes, level) =>
      think(notes, level, [`${second}-${first}=${result}`], [`${first}+${result}=${second} right`], [`${second}-${result}=${first} right`]),
    content: language === "en" ? `${result} days.` : `${result}天。`,
    check: lastNumberIs(result),
  });
};

/** The days of the week from `start` on, so many, counted. */
const walk = (names: readonly string[], start: number, days: number): string[] =>
  Array.from({ length: days + 1 }, (_, i) => `${i} ${names[(start + i) % 7]}`);

const weekdayIs = (language: Language, result: string) => ({
  content: language === "en" ? `${result}.` : `${result}。`,
  check: mentions(
    [result],
    WEEKDAYS[language].filter((name) => name !== result),
  ),
});

const weekdayLater: Kind = (random, split, options) => {
  const { language } = options;
  const names = WEEKDAYS[language];
  const [start, days] = until(
    () => [between(random, 0, 6), chance(random, 0.3) ? 1 : between(random, 2, 30)] as const,
    ([start, days]) => days === 1 || belongs(`${start}+${days}`, split),
  );
  const rest = days % 7;
  const result = names[(start + rest) % 7]!;
  const steps = [...(days > 6 ? [`${days}-${days - rest}=${rest}`] : []), ...walk(names, start, rest)];
  return compose(options, {
    prompt: ask(random, split, language, days === 1 && chance(random, 0.7) ? NEXT : LATER, { w: names[start]!, n: days }),
    think: (notes, level) => think(notes, level, steps, [`so ${result}`], steps),
    ...weekdayIs(language, result),
  });
};

const weekday: Kind = (random, split, options) => {
  const { language } = options;
  const [month, first, second] = twoDays(random, split);
  const names = WEEKDAYS[language];
  const start = between(random, 0, 6);
  const passed = second - first;
  const rest = passed % 7;
  const result = names[(start + rest) % 7]!;
  const days = walk(names, start, rest);
  const weeks = passed - rest;
  return compose(options, {
    prompt: ask(random, split, language, WEEKDAY, {
      d: dateText(language, month, first),
      e: dateText(language, month, second),
      w: names[start]!,
    }),
    think: (notes, level) =>
      think(
        notes,
        level,
        [`${second}-${first}=${passed}`, `${passed}-${weeks}=${rest}`, ...days],
        [`${first}+${weeks}+${rest}=${second} right`],
        [`so ${result}`, ...days.slice(-1)],
      ),
    ...weekdayIs(language, result),
  });
};
