import { between, chance, pick, type Random, sample } from "../draw.ts";
import type { Language, Split } from "../skill.ts";
import { CHINESE_NAMES, ENUMS, FIELDS, NAMES } from "../words/fields.ts";
import { ITEMS } from "../words/items.ts";
import { madeUp } from "../words/made-up.ts";
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
  const name = free.length > 0 && !chance(random, 0.15) ? pick(random, free) : madeUp(random, split);
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
      return { name, schema: { type: "string" }, value, spoken: value };
    }
    case "integer": {
      const value = between(random, 0, pick(random, [9, 99, 999, 2999]));
      return { name, schema: { type: "integer" }, value, spoken: String(value) };
    }
    case "number": {
      const value = between(random, 1, 999) / 10;
      return { name, schema: { type: "number" }, value, spoken: String(value) };
    }
    case "boolean": {
      const value = chance(random, 0.5);
      return { name, schema: { type: "boolean" }, value, spoken: spokenBoolean(random, language, value) };
    }
    case "enum": {
      const values = pick(random, ENUMS[split]);
      const value = pick(random, values);
      return { name, schema: { type: "string", enum: values }, value, spoken: value };
    }
    case "strings": {
      const value = sample(random, ITEMS[chance(random, 0.5) ? language : "en"][split], between(random, 2, 4));
      return { name, schema: { type: "array", items: { type: "string" } }, value, spoken: spokenList(value, language) };
    }
    case "integers": {
      const value = Array.from({ length: between(random, 2, 4) }, () => between(random, 0, 99));
      return { name, schema: { type: "array", items: { type: "integer" } }, value, spoken: spokenList(value.map(String), language) };
    }
  }
}

const text = (random: Random, split: Split, language: Language): string =>
  pick(random, [
    () => pick(random, NAMES[split]),
    () => madeUp(random, split, true),
    () => (language === "zh" ? pick(random, CHINESE_NAMES[split]) : pick(random, PEOPLE.en[split])),
    () => pick(random, ITEMS[language][split]),
  ])();

const spokenBoolean = (random: Random, language: Language, value: boolean): string =>
  chance(random, 0.5) ? String(value) : language === "en" ? (value ? "yes" : "no") : value ? "是" : "否";

/** `red, blue and green`; in Chinese `红、蓝、绿`. */
export function spokenList(words: readonly string[], language: Language): string {
  if (language === "zh" || words.length < 2) return words.join("、");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
