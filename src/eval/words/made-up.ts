import { between, chance, pick, type Random, until } from "../draw.ts";
import { capital } from "../fill.ts";
import type { Split } from "../skill.ts";
import { belongs } from "../split.ts";
import { wordOfPieces } from "./pieces.ts";

const STARTS = "b|br|c|ch|cl|d|dr|f|fl|fr|g|gl|gr|h|j|k|kr|l|m|n|p|pl|pr|qu|r|s|sh|sk|sl|st|t|th|tr|v|w|x|y|z".split("|");
const VOWELS = "a|e|i|o|u|a|e|i|o|u|ai|ei|ou|ee|oo|ea|ia".split("|");
const ENDS = "|||n|r|l|s|k|m|t|d|x|ng|nd|st|ck|sh|rn|lt|p|b|th".split("|");
const TAILS = "er|ing|ly|on|ix|um|us|ate|ion|ix|ora|ius|eta|ock|ington|ville|son|ware|ify|ant".split("|");
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

const syllable = (random: Random): string => pick(random, STARTS) + pick(random, VOWELS);
const letters = (random: Random, count: number): string => Array.from({ length: count }, () => pick(random, [...LETTERS])).join("");

/** Open syllables (kafole), closed ones (brindock), with an ending of ours (glavington), letters at random (xqzt), in training what tokens are made of. */
const WORDS: readonly ((random: Random) => string)[] = [
  (random) => Array.from({ length: between(random, 2, 3) }, () => syllable(random)).join("") + pick(random, ENDS),
  (random) => Array.from({ length: 2 }, () => syllable(random) + pick(random, ENDS)).join(""),
  (random) => syllable(random) + pick(random, ENDS.slice(3)) + pick(random, TAILS),
  (random) => letters(random, between(random, 3, 5)),
  wordOfPieces,
];
const WHICH: Readonly<Record<Split, readonly number[]>> = {
  train: [0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 4, 4, 4],
  test: [0, 0, 0, 1, 1, 2, 2, 3],
};

/** A word that no language has: what a model repeats from a prompt because it stands there, not because it knows it. */
export function madeUp(random: Random, split: Split, capital = false): string {
  const word = until(
    () => WORDS[pick(random, WHICH[split])]!(random),
    (text) => belongs(text, split),
  );
  return capital ? word[0]!.toUpperCase() + word.slice(1) : word;
}

const digits = (random: Random, least: number, most: number): string =>
  Array.from({ length: between(random, least, most) }, () => String(between(random, 0, 9))).join("");

/** Words as programs and people write them: `kafo_lin`, `KafoLin`, `kafo-lin`, `KAFO`, `kafo7`, `a7x`, `KX-204`. */
const STYLES: readonly ((random: Random, word: () => string) => string)[] = [
  (_, word) => `${word()}_${word()}`,
  (_, word) => word() + capital(word()),
  (_, word) => capital(word()) + capital(word()),
  (_, word) => `${word()}-${word()}`,
  (_, word) => word().toUpperCase(),
  (random, word) => `${word()}${chance(random, 0.3) ? "_" : ""}${digits(random, 1, 3)}`,
  (random) => Array.from({ length: between(random, 3, 6) }, () => pick(random, [...LETTERS, ..."0123456789"])).join(""),
  (random) => `${letters(random, between(random, 1, 3)).toUpperCase()}${pick(random, ["-", "", "_"])}${digits(random, 2, 4)}`,
];

/** A made-up name in any style of writing; it begins with a letter and none of it is only digits. */
export const madeUpName = (random: Random, split: Split): string =>
  until(
    () => pick(random, STYLES)(random, () => madeUp(random, split)),
    (text) => /^[A-Za-z]/.test(text) && belongs(text, split),
  );
