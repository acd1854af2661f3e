import { between, chance, pick, type Random } from "../draw.ts";
import type { Language, Split } from "../skill.ts";
import type { Drawn } from "../split.ts";
import { sometimesAltered, wordOf, wordsOf } from "../words/altered.ts";
import { CHINESE_NAMES, ENUMS, FIELDS, NAMES } from "../words/fields.ts";
import { ITEMS } from "../words/items.ts";
import { madeUp, madeUpName } from "../words/made-up.ts";
import { PEOPLE } from "../words/people.ts";

type Value = string | number | boolean | readonly string[] | readonly number[];

/** A named value with its JSON Schema, and how a person says it. */
export interface Field {
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly value: Value;
  readonly spoken: string;
}

export type Kind = keyof typeof FIELDS;
export const KINDS = Object.keys(FIELDS) as readonly Kind[];
const MOSTLY: readonly Kind[] = ["string", "string", "string", "integer", "integer", ...KINDS];

/** A field of any kind whose name is not taken yet. */
export function drawField(random: Random, split: Split, language: Language, taken: ReadonlySet<string>): Field {
  const kind = pick(random, MOSTLY);
  const free = FIELDS[kind][split].filter((name) => !taken.has(name));
  const known = free.length > 0 && !chance(random, 0.25);
  const name = known
    ? sometimesAltered(random, FIELDS[kind], split, pick(random, free))
    : chance(random, 0.5)
      ? madeUp(random, split)
      : madeUpName(random, split);
  return fieldOf(random, split, language, kind, name);
}

/** Several fields of different names. */
export function drawFields(random: Random, split: Split, language: Language, count: number): Field[] {
  const fields: Field[] = [];
  while (fields.length < count) {
    const field = drawField(random, split, language, new Set(fields.map((f) => f.name)));
    if (!fields.some((f) => f.name === field.name)) fields.push(field);
  }
  return fields;
}

/** The same field, with another value. */
export function fieldOf(random: Random, split: Split, language: Language, kind: Kind, name: string): Field {
  switch (kind) {
    case "string": {
      const value = text(random, split, language);
      return { name, schema: { type: "string" }, value, spoken: chance(random, 0.15) ? `"${value}"` : value };
    }
    case "integer": {
      const value = between(random, 0, pick(random, [9, 99, 999, 2999, 99999])) * (chance(random, 0.04) ? -1 : 1);
      return { name, schema: { type: "integer" }, value, spoken: String(value) };
    }
    case "number": {
      const value = between(random, 1, pick(random, [99, 999, 9999])) / pick(random, [10, 10, 100, 1]);
      return { name, schema: { type: "number" }, value, spoken: String(value) };
    }
    case "boolean": {
      const value = chance(random, 0.5);
      return { name, schema: { type: "boolean" }, value, spoken: spokenBoolean(random, language, value) };
    }
    case "enum": {
      const values = chance(random, 0.6) ? pick(random, ENUMS[split]) : drawEnum(random, split);
      const value = pick(random, values);
      return { name, schema: { type: "string", enum: values }, value, spoken: value };
    }
    case "strings": {
      const count = between(random, 1, 4);
      const value = chance(random, 0.6)
        ? wordsOf(random, ITEMS[chance(random, 0.5) ? language : "en"], split, count)
        : Array.from({ length: count }, pick(random, [() => madeUp(random, split), () => wordOf(random, PEOPLE.en, split)]));
      return { name, schema: { type: "array", items: { type: "string" } }, value, spoken: spokenList(value, language) };
    }
    case "integers": {
      const value = Array.from({ length: between(random, 1, 4) }, () => between(random, 0, pick(random, [9, 99, 999])));
      return { name, schema: { type: "array", items: { type: "integer" } }, value, spoken: spokenList(value.map(String), language) };
    }
  }
}

/** Values nobody foresaw: words of any kind, in one style. */
function drawEnum(random: Random, split: Split): string[] {
  const draw = pick(random, [
    () => wordOf(random, ITEMS.en, split),
    () => madeUp(random, split),
    () => wordOf(random, ITEMS.en, split).toUpperCase(),
    () => madeUpName(random, split),
  ]);
  return [...new Set(Array.from({ length: between(random, 2, 4) }, draw))];
}

const two = (n: number): string => String(n).padStart(2, "0");
const word = (random: Random, split: Split): string => (chance(random, 0.5) ? wordOf(random, ITEMS.en, split) : madeUp(random, split));

/** Names and words. */
const WORDS: readonly Drawn[] = [
  (random, split) => wordOf(random, NAMES, split),
  (random, split) => madeUp(random, split, true),
  (random, split, language) => (language === "zh" ? wordOf(random, CHINESE_NAMES, split) : wordOf(random, PEOPLE.en, split)),
  (random, split, language) => wordOf(random, ITEMS[language], split),
  (random, split, language) => (language === "zh" ? wordOf(random, PEOPLE.zh, split) : madeUpName(random, split)),
  (random, split) => `${wordOf(random, PEOPLE.en, split)} ${madeUp(random, split, true)}`,
];
/** What strings hold: names, words, a few words, and what looks like nothing else: addresses, dates, times, paths. */
const TEXTS: readonly Drawn[] = [
  ...WORDS,
  (random, split) => wordsOf(random, ITEMS.en, split, between(random, 2, 4)).join(" "),
  (random, split) =>
    pick(random, [
      () => `${word(random, split)}@${word(random, split)}.${pick(random, ["com", "org", "net", "de"])}`,
      () => `20${two(between(random, 0, 39))}-${two(between(random, 1, 12))}-${two(between(random, 1, 28))}`,
      () => `${two(between(random, 0, 23))}:${two(between(random, 0, 59))}`,
      () => `/${word(random, split)}/${word(random, split)}.${pick(random, ["txt", "md", "ts", "json", "png"])}`,
      () => `${word(random, split)}.${pick(random, ["txt", "pdf", "csv", "mp3", "py"])}`,
      () => String(between(random, 100, 99999)),
    ])(),
];
const text: Drawn = (random, split, language) => pick(random, TEXTS)(random, split, language);

/** A string of a word or a name. */
export function wordField(random: Random, split: Split, language: Language, name: string): Field {
  const value = pick(random, WORDS)(random, split, language);
  return { name, schema: { type: "string" }, value, spoken: value };
}

const spokenBoolean = (random: Random, language: Language, value: boolean): string =>
  chance(random, 0.5) ? String(value) : language === "en" ? (value ? "yes" : "no") : value ? "是" : "否";

/** `red, blue and green`; in Chinese `红、蓝、绿`. */
export function spokenList(words: readonly string[], language: Language): string {
  if (language === "zh" || words.length < 2) return words.join("、");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
