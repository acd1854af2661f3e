import { between, chance, pick, type Random, sample, until } from "../draw.ts";
import type { Split } from "../skill.ts";
import type { Halves } from "../split.ts";
import { CHINESE } from "./chinese.ts";
import { charactersOfPieces, wordOfPieces } from "./pieces.ts";

/** How many of the words of training are altered. */
const SHARE = 0.6;

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
const CHARACTERS = [...CHINESE].filter((c) => c >= "\u4e00" && c <= "\u9fa5");
const cut = (text: string, from: number, count: number, between = ""): string => text.slice(0, from) + between + text.slice(from + count);

/** Ways of altering letters that stand together; `other` are letters of another word. */
const CHANGES: readonly ((random: Random, letters: string, other: string) => string)[] = [
  (random, letters, other) => letters.slice(0, between(random, 1, letters.length)) + other.slice(between(random, 0, other.length - 1)),
  (random, letters) => cut(letters, between(random, 1, letters.length - 1), 1, pick(random, LETTERS)),
  (random, letters) => cut(letters, between(random, 1, letters.length - 1), 0, pick(random, LETTERS)),
  (random, letters) => cut(letters, between(random, 1, letters.length - 1), 1),
  ...Array<typeof wordOfPieces>(4).fill(wordOfPieces),
];

const character = (random: Random): string =>
  chance(random, 0.7) ? pick(random, CHARACTERS) : String.fromCodePoint(between(random, 0x4e00, 0x9fa5));

function altered(random: Random, word: string, other: string): string {
  if (word >= "\u2e80") {
    if (chance(random, 0.35)) return charactersOfPieces(random, () => character(random));
    if (chance(random, 0.5)) return Array.from({ length: between(random, 1, 4) }, () => character(random)).join("");
    // A character beside one that it has not stood beside yet: tokens end in the middle of characters.
    return cut(word, between(random, 0, word.length - 1), between(random, 0, 1), character(random));
  }
  const runs = [...word.matchAll(/[A-Za-z]{2,}/g)];
  if (runs.length === 0) return word;
  const { 0: letters, index } = pick(random, runs);
  return cut(word, index, letters.length, pick(random, CHANGES)(random, letters, /[a-z]+/.exec(other)?.[0] ?? "o"));
}

/**
 * The word as it is in tests; in training sometimes one that only resembles it. A list of a few hundred words can be learned by heart, and then
 * a word that is not in it cannot be repeated: what stands in a prompt must be read there, letter by letter.
 */
export function sometimesAltered(random: Random, list: Halves<string>, split: Split, word: string): string {
  if (split === "test" || !chance(random, SHARE)) return word;
  return until(
    () => altered(random, word, pick(random, list.train)),
    (text) => !list.test.includes(text),
  );
}

export const wordOf = (random: Random, list: Halves<string>, split: Split): string =>
  sometimesAltered(random, list, split, pick(random, list[split]));

/** `count` different words. */
export const wordsOf = (random: Random, list: Halves<string>, split: Split, count: number): string[] =>
  until(
    () => sample(random, list[split], count).map((word) => sometimesAltered(random, list, split, word)),
    (words) => new Set(words).size === words.length,
  );
