import { chance, pick, type Random } from "../draw.ts";
import { capital } from "../fill.ts";
import type { Language, Split } from "../skill.ts";
import { halves, halvesOf, type Lists } from "../split.ts";
import { PHRASES } from "../words/fields.ts";
import { looselyJoined, loosened } from "../words/loosened.ts";
import type { Field } from "./field.ts";

/** An argument; `by` is what the text says instead of its name: `owned by ...`, or a value that only one enumeration has. */
export interface Argument extends Field {
  readonly by?: string;
}

/** What a tool is asked with, in the order in which the text says it. */
export interface Request {
  readonly fields: readonly Argument[];
  readonly text: string;
}

/** Stands for a value that is left out. */
const ELLIPSIS = "...";

/** Before all fields, between name and value, between fields. */
type Joints = readonly [before: string, is: string, and: string];

/** How a request names an action and its values. `{with}` is replaced by the fields in one of the ways below. */
const REQUESTS: Lists = {
  en: halves(
    `{A}{with}.|{A}{with}|{A}{with}!|{a}{with}|Please {a}{with}.|please {a}{with}|Can you {a}{with}?|can you {a}{with}|I want you to {a}{with}.|
    I want to {a}{with}.|Now {a}{with}.|I would like to {a}{with}.|I'd like to {a}{with}.|Would you {a}{with}?|You should {a}{with}.|Help me {a}{with}.|
    Hi! Please {a}{with}.|Hello, can you {a}{with}?|We have to {a}{with}.|Let's {a}{with}.|Next, {a}{with}.|Go and {a}{with}.|{A}{with}. Thanks!|
    {A}{with} for me.|I must {a}{with} today.|Time to {a}{with}.|
    {A}{with} now.|{A}{with} right away.|Will you {a}{with}?|My boss wants me to {a}{with}.|It would be nice to {a}{with}.|Someone should {a}{with}.|Try to {a}{with}.|Be so kind and {a}{with}.|
    Your task: {a}{with}.|Task: {a}{with}|Today you {a}{with}.|I ask you to {a}{with}.|Is it possible to {a}{with}?|Make sure to {a}{with}.|{A}{with} as soon as you can.|Don't forget to {a}{with}.|
    We want to {a}{with}.|I'm going to {a}{with}.|Can we {a}{with}?|Good morning, please {a}{with}.|OK, {a}{with}.`,
    `Could you {a}{with}?|I need you to {a}{with}.|{A}{with}, please.|Hey, {a}{with}.|We need to {a}{with}.|Kindly {a}{with}.|Would you please {a}{with}?`,
  ),
  zh: halves(
    `请{a}{with}。|{a}{with}。|我要{a}{with}。|{a}{with}|你能{a}{with}吗？|我要你{a}{with}。|现在{a}{with}。|给我{a}{with}。|帮我{a}{with}|你好，请{a}{with}。|
    快{a}{with}！|去{a}{with}。|可以{a}{with}吗？|我们要{a}{with}。|你来{a}{with}。|能不能{a}{with}？|今天要{a}{with}。|好，{a}{with}|请你{a}{with}，谢谢。|不要忘了{a}{with}。|
    请给我{a}{with}。|老师要你{a}{with}。|能{a}{with}吗？|我朋友想要{a}{with}。|你会{a}{with}吗？`,
    "请帮我{a}{with}。|我想{a}{with}。|能帮我{a}{with}吗？",
  ),
};
const WITH: Lists<Joints> = {
  en: halvesOf<Joints>(
    [
      [" with ", " ", " and "],
      [" with ", " ", ", "],
      [": ", " = ", ", "],
      [": ", "=", ", "],
      [": ", ": ", ", "],
      [" with ", " set to ", " and "],
      [" (", " ", ", "],
      [" where ", " is ", " and "],
      [", ", " ", ", "],
      [" with ", " as ", " and "],
      [" with the ", " ", " and the "],
      [" - ", " ", ", "],
      [" having ", " ", " and "],
      [", the ", " being ", ", the "],
      [" [", "=", "; "],
      [" with ", " equal to ", " and "],
      [". ", ": ", ". "],
      [" - ", " is ", "; "],
      [", namely ", " ", " and "],
      [" for ", " ", " and "],
      [" whose ", " is ", " and whose "],
      [" featuring ", " at ", " plus "],
      [" taking ", " to be ", " along with "],
      [" by setting ", " to ", " and then "],
      [" via ", " := ", " & "],
      [" assuming ", " stays ", " while "],
      [" provided ", " → ", " + "],
      ["; ", " must be ", "; "],
      [" from ", "~", " / "],
      [" based on ", " equals ", " besides "],
      [" {", ":", ","],
      [" so that ", " becomes ", " and "],
    ],
    [
      [" using ", " ", " and "],
      [": ", " is ", ", "],
      [" with ", " of ", " and "],
      [" given ", " = ", " and "],
    ],
  ),
  zh: halvesOf<Joints>(
    [
      ["，", "是", "，"],
      ["：", "为", "，"],
      ["，", "用", "，"],
      ["：", " ", "，"],
      ["，", "=", "、"],
    ],
    [
      ["，", "：", "，"],
      ["：", "=", "，"],
    ],
  ),
};

/** People leave names out where a preposition says enough, or where a value can only belong to one of several to choose from. */
const nameless = ({ name, schema }: Field): boolean => Object.hasOwn(PHRASES, name) || schema.enum !== undefined;
const CHOSEN = halvesOf(
  [" in {v}", ", {v}", " ({v})", " - {v}", " and {v}", " as {v}", " with {v}", " the {v} way"],
  [" using {v}", ": {v}", " on {v}"],
);

const phraseOf = (random: Random, split: Split, { name, schema }: Field): string =>
  schema.enum ? pick(random, CHOSEN[split]) : ` ${pick(random, PHRASES[name]!)}`;

/** The fields by their names, one after the other. */
const named = (fields: readonly Field[], [before, is, and]: Joints): string =>
  before + fields.map(({ name, spoken }) => `${name}${is}${spoken}`).join(and) + (before === " (" ? ")" : "");

/** Names and values of fields, as a request goes on with them. */
export function mention(random: Random, split: Split, language: Language, fields: readonly Field[]): Request {
  const natural = language === "en" && chance(random, 0.5) ? fields.filter(nameless) : [];
  const others = fields.filter((field) => !natural.includes(field));
  const joints = looselyJoined(random, split, WITH[language]);
  const said = natural.map((field) => ({ field, phrase: phraseOf(random, split, field) }));
  const phrased = said.map(({ field, phrase }) => ({
    ...field,
    by: field.schema.enum ? field.spoken : phrase.trim().replace("{v}", ELLIPSIS),
  }));
  const phrases = said.map(({ field, phrase }) => phrase.replace("{v}", () => field.spoken)).join("");
  return { fields: [...phrased, ...others], text: phrases + (others.length > 0 ? named(others, joints) : "") };
}

/** A request for an action with these fields. */
export function askFor(random: Random, split: Split, language: Language, action: string, given: readonly Field[]): Request {
  const { fields, text } = mention(random, split, language, given);
  const asked = loosened(random, split, language, pick(random, REQUESTS[language][split]), true)
    .replace("{A}", () => capital(action))
    .replace("{a}", () => action)
    .replace("{with}", () => text);
  return { fields, text: asked };
}
