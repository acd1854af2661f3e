import { lastNumberIs, mentions } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, pick, type Random } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill } from "../skill.ts";
import { halves, type Lists } from "../split.ts";
import { addOnPaper, compareDigits, digitsOf, padded, subtractOnPaper } from "../working/columns.ts";
import { operands } from "./arithmetic.ts";

type Question = "larger" | "smaller" | "more" | "less";
const WORDINGS: Readonly<Record<Question, Lists>> = {
  larger: {
    en: halves(
      "Which is larger, {a} or {b}?|Which number is greater: {a} or {b}?|What is larger, {a} or {b}?|Name the larger number: {a}, {b}|Tell me the greater of {a} and {b}.",
      "Which is greater, {a} or {b}?|Which number is larger, {a} or {b}?|The larger of {a} and {b}?",
    ),
    zh: halves("{a}和{b}哪个大？|哪个大，{a}还是{b}？|{a}和{b}中大的是哪个？", "请问{a}和{b}哪个大？|{a}还是{b}大？"),
  },
  smaller: {
    en: halves(
      "Which is smaller, {a} or {b}?|Which number is less: {a} or {b}?|What is smaller, {a} or {b}?|Name the smaller number: {a}, {b}|Tell me the smaller of {a} and {b}.",
      "Which is less, {a} or {b}?|Which number is smaller, {a} or {b}?|The smaller of {a} and {b}?",
    ),
    zh: halves("{a}和{b}哪个小？|哪个小，{a}还是{b}？|{a}和{b}中小的是哪个？", "请问{a}和{b}哪个小？|{a}还是{b}小？"),
  },
  more: {
    en: halves("Is {a} larger than {b}?|Is {a} more than {b}?|Is it true that {a} > {b}?", "Is {a} greater than {b}?|{a} > {b}?"),
    zh: halves("{a}比{b}大吗？|{a}>{b}对吗？", "请问{a}比{b}大吗？|{a}>{b}是对的吗？"),
  },
  less: {
    en: halves("Is {a} smaller than {b}?|Is {a} below {b}?|Is it true that {a} < {b}?", "Is {a} less than {b}?|{a} < {b}?"),
    zh: halves("{a}比{b}小吗？|{a}<{b}对吗？", "请问{a}比{b}小吗？|{a}<{b}是对的吗？"),
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
      prompt: fill(pick(random, WORDINGS[question][language][split]), { a, b }),
      think(notes, level) {
        notes.line(`${padded(a, width)}?${padded(b, width)}`).line(compareDigits(a, b, width));
        const [large, small] = [Math.max(a, b), Math.min(a, b)];
        if (level === "low" || a === b) return;
        notes.line("check");
        const rest = subtractOnPaper(notes, large, small);
        if (level === "max") addOnPaper(notes, small, rest);
        notes.line("right");
      },
      content: namesNumber ? fill(SAID[language][question], { n: wanted }) : SAID[language][verdict],
      check: namesNumber ? lastNumberIs(wanted) : mentions([VERDICTS[language][verdict][0]], VERDICTS[language][verdict][1]),
    });
  },
};
