import type { Random } from "./draw.ts";
import type { Language, Split } from "./skill.ts";

/** A list in two halves that share no entry. */
export interface Halves<T> {
  readonly train: readonly T[];
  readonly test: readonly T[];
}

/** A list of words, of wordings, … in two languages and two halves. */
export type Lists<T = string> = Readonly<Record<Language, Halves<T>>>;

/** A way of drawing a word or text. */
export type Drawn = (random: Random, split: Split, language: Language) => string;

/** Entries between bars: lists of wordings read better without forty pairs of quotes. */
export const entries = (text: string): readonly string[] =>
  text
    .split("|")
    .map((entry) => entry.trim())
    .filter(Boolean);

/** Two halves, checked: what is in both would be asked of a model that has learned it. */
export function halvesOf<T>(train: readonly T[], test: readonly T[]): Halves<T> {
  const known = new Set(train.map((entry) => JSON.stringify(entry)));
  const shared = test.find((entry) => known.has(JSON.stringify(entry)));
  if (shared !== undefined) throw new RangeError(`${JSON.stringify(shared)} is in both halves`);
  return { train, test };
}

export const halves = (train: string, test: string): Halves<string> => halvesOf(entries(train), entries(test));

/** One operand pair, date or made-up word in ten is for tests only, whatever is done with it: by a hash (FNV-1a) of its spelling. */
export function heldOut(key: string): boolean {
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  return ((h ^ (h >>> 15)) >>> 0) % 10 === 0;
}

export const belongs = (key: string, split: Split): boolean => heldOut(key) === (split === "test");
/** Pairs belong to a split in either order, and with every operation. */
export const pairBelongs = (a: number, b: number, split: Split): boolean => belongs(`${Math.min(a, b)},${Math.max(a, b)}`, split);
