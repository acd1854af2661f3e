import { ask } from "../asking.ts";
import { lastNumberIs, mentions } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, pick, type Random } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill } from "../skill.ts";
import { halves, type Lists } from "../split.ts";
import { compareDigits, digitsOf, padded, subtractOnPaper } from "../working/columns.ts";
import { operands } from "./arithmetic.ts";

type Question = "larger" | "smaller" | "more" | "less";
const WORDINGS: Readonly<Record<Question, Lists>> = {
  larger: {
    en: halves(
      `Which is larger, {a} or {b}?|Which number is greater: {a} or {b}?|What is larger, {a} or {b}?|Name the larger number: {a}, {b}|Tell me the greater of {a} and {b}.|
      Is {a} or {b} larger?|Which is bigger, {a} or {b}?|Which one is bigger: {a} or {b}?|Find the larger of {a} and {b}.|Find the maximum of {a} and {b}.|
      max({a}, {b})|The bigger number of {a} and {b}|Of {a} and {b}, which is greater?|{a} or {b}: which is more?|Compare {a} and {b}. Which is larger?|
      Give me the bigger number, {a} or {b}.|Which of the numbers {a} and {b} is larger?|{a} or {b}, what is more?|Is it {a} or {b} that is greater?`,
      "Which is greater, {a} or {b}?|Which number is larger, {a} or {b}?|The larger of {a} and {b}?|Which number is bigger, {a} or {b}?|Pick the larger: {a} or {b}.",
    ),
    zh: halves(
      "{a}和{b}哪个大？|哪个大，{a}还是{b}？|{a}和{b}中大的是哪个？|{a}还是{b}更大？|{a}和{b}比，哪个大？|找出大的：{a}、{b}|{a}，{b}，哪个大|说出{a}和{b}中大的",
      "请问{a}和{b}哪个大？|{a}还是{b}大？",
    ),
  },
  smaller: {
    en: halves(
      `Which is smaller, {a} or {b}?|Which number is less: {a} or {b}?|What is smaller, {a} or {b}?|Name the smaller number: {a}, {b}|Tell me the smaller of {a} and {b}.|
      Is {a} or {b} smaller?|Which one is smaller: {a} or {b}?|Which is lower, {a} or {b}?|Find the smaller of {a} and {b}.|Find the minimum of {a} and {b}.|
      min({a}, {b})|The lower number of {a} and {b}|Of {a} and {b}, which is less?|{a} or {b}: which is less?|Compare {a} and {b}. Which is smaller?|
      Give me the smaller number, {a} or {b}.|Which of the numbers {a} and {b} is smaller?|{a} or {b}, what is less?`,
      "Which is less, {a} or {b}?|Which number is smaller, {a} or {b}?|The smaller of {a} and {b}?|Which number is lower, {a} or {b}?|Pick the smaller: {a} or {b}.",
    ),
    zh: halves(
      "{a}和{b}哪个小？|哪个小，{a}还是{b}？|{a}和{b}中小的是哪个？|{a}还是{b}更小？|{a}和{b}比，哪个小？|找出小的：{a}、{b}|{a}，{b}，哪个小|说出{a}和{b}中小的",
      "请问{a}和{b}哪个小？|{a}还是{b}小？",
    ),
  },
  more: {
    en: halves(
      `Is {a} larger than {b}?|Is {a} more than {b}?|Is it true that {a} > {b}?|Is {a} bigger than {b}?|Is {a} above {b}?|Is the number {a} larger than {b}?|{a}>{b}?|
      Is {a} > {b}?|True or false: {a} is larger than {b}.|Would you say {a} is more than {b}?|Does {a} exceed {b}?|Is {a} a larger number than {b}?`,
      "Is {a} greater than {b}?|{a} > {b}?|Is it true that {a} is bigger than {b}?|Is {a} higher than {b}?",
    ),
    zh: halves(
      "{a}比{b}大吗？|{a}>{b}对吗？|{a}大于{b}吗？|{a}大于{b}，对吗？|{a}是不是比{b}大？|{a}比{b}多吗？",
      "请问{a}比{b}大吗？|{a}>{b}是对的吗？",
    ),
  },
  less: {
    en: halves(
      `Is {a} smaller than {b}?|Is {a} below {b}?|Is it true that {a} < {b}?|Is {a} lower than {b}?|Is {a} under {b}?|Is the number {a} smaller than {b}?|{a}<{b}?|
      Is {a} < {b}?|True or false: {a} is smaller than {b}.|Would you say {a} is less than {b}?|Is {a} a smaller number than {b}?`,
      "Is {a} less than {b}?|{a} < {b}?|Is it true that {a} is smaller than {b}?",
    ),
    zh: halves(
      "{a}比{b}小吗？|{a}<{b}对吗？|{a}小于{b}吗？|{a}小于{b}，对吗？|{a}是不是比{b}小？|{a}比{b}少吗？",
      "请问{a}比{b}小吗？|{a}<{b}是对的吗？",
    ),
  },
};

const SAID: Readonly<Record<Language, Readonly<Record<"larger" | "smaller" | "yes" | "no" | "equal", string>>>> = {
  en: { larger: "The larger number is {n}.", smaller: "The smaller number is {n}.", yes: "Yes.", no: "No.", equal: "They are equal." },
  zh: { larger: "大的是{n}。", smaller: "小的是{n}。", yes: "对。", no: "不对。", equal: "一样大。" },
};
/** What tells the answers apart: 对 is part of 不对, so that its absence must be told too. */
const VERDICTS: Readonly<Record<Language, Readonly<Record<"yes" | "no" | "equal", readonly [string, readonly string[]]>>>> = {
  en: { yes: ["Yes", ["No"]], no: ["No", ["Yes"]], equal: ["equal", []] },
  zh: { yes: ["对", ["不"]], no: ["不对", []], equal: ["一样", []] },
};

const ordered = (a: number, b: number): string => (a === b ? `${a}=${b}` : `${Math.max(a, b)}>${Math.min(a, b)}`);

const number = (random: Random): number => between(random, 0, pick(random, [99, 999, 999, 9999]));

export const comparison: Skill = {
  name: "comparison",
  title: "comparison of whole numbers",
  example(random, split, options) {
    const { language } = options;
    const [a, b] = operands(random, split, () => number(random));
    const question = pick(random, Object.keys(WORDINGS) as Question[]);
    const asksNumber = question === "larger" || question === "smaller";
    const wanted = question === "larger" ? Math.max(a, b) : Math.min(a, b);
    const verdict = asksNumber ? "equal" : (question === "more" ? a > b : a < b) ? "yes" : "no";
    const namesNumber = asksNumber && a !== b;
    const width = Math.max(digitsOf(a), digitsOf(b));
    return compose(options, {
      prompt: ask(random, split, language, WORDINGS[question], { a, b }),
      think(notes, level) {
        const compare = (x: number, y: number) =>
          notes
            .line(`${padded(x, width)}?${padded(y, width)}`)
            .line(compareDigits(x, y, width))
            .line(ordered(x, y));
        compare(a, b);
        // Facts and claims with the larger number first: whether they are the same can be seen.
        if (!asksNumber) notes.line("asked ", question === "more" ? `${a}>${b}` : `${b}>${a}`);
        if (level === "low") return;
        notes.line("check");
        compare(b, a);
        if (level === "max") subtractOnPaper(notes, Math.max(a, b), Math.min(a, b));
        notes.line(namesNumber ? `so ${wanted}` : verdict);
      },
      content: namesNumber ? fill(SAID[language][question], { n: wanted }) : SAID[language][verdict],
      check: namesNumber ? lastNumberIs(wanted) : mentions([VERDICTS[language][verdict][0]], VERDICTS[language][verdict][1]),
    });
  },
};
