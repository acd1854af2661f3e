import { chance, mixed, pick, type Random, until } from "../draw.ts";
import type { Language, Split } from "../skill.ts";
import type { Halves } from "../split.ts";
import { wordOf } from "./altered.ts";
import { ITEMS } from "./items.ts";
import { madeUp } from "./made-up.ts";

/** How many of the wordings of training are loosened, and of those in parts put together anew. */
const SHARE = 0.35;
const MIXED = 0.4;

/** A wording in parts; in training sometimes one whose parts come from different wordings. */
export const looselyJoined = <T extends readonly string[]>(random: Random, split: Split, list: Halves<T>): T =>
  (split === "train" && chance(random, MIXED) ? mixed : pick)(random, list[split]);

/** What a wording is made of: words with the spaces before them, or Chinese characters; blanks and marks stand alone. */
const PARTS = /\s*(?:\{\w+\}|[A-Za-z']+|[\s\S])/g;
const isWord = (part: string | undefined): boolean => part !== undefined && /^\s*(?:[A-Za-z']+|[\u4e00-\u9fa5])$/.test(part);

/** Characters that turn a question into another one wherever they stand. */
const TURNING = /[大小多少前后不上下最先第长]/;

const strange = (random: Random, language: Language): string => {
  if (language === "zh")
    return until(
      () => wordOf(random, ITEMS.zh, "train"),
      (word) => !TURNING.test(word),
    );
  return ` ${chance(random, 0.3) ? madeUp(random, "train") : wordOf(random, ITEMS.en, "train")}`;
};

/**
 * A wording as it is in tests; in training sometimes with a strange word between two of its own and, where no single word decides what is
 * asked (`any`), with a word replaced or left out. A few dozen wordings can be learned by heart, and then another one is not understood.
 * Words beside a blank stay, so that nobody can take a strange one for a part of what fills it.
 */
export function loosened(random: Random, split: Split, language: Language, wording: string, any = false): string {
  if (split === "test" || !chance(random, SHARE)) return wording;
  const parts = wording.match(PARTS) ?? [];
  const inner = parts.flatMap((part, i) => (isWord(part) && isWord(parts[i - 1]) ? [i] : []));
  if (inner.length === 0) return wording;
  const at = pick(random, inner);
  const change = any && isWord(parts[at + 1]) ? pick(random, ["more", "more", "other", "fewer"]) : "more";
  if (change === "more") parts.splice(at, 0, strange(random, language));
  else parts.splice(at, 1, ...(change === "other" ? [strange(random, language)] : []));
  return parts.join("");
}
