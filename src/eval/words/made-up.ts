import { between, pick, type Random, until } from "../draw.ts";
import type { Split } from "../skill.ts";
import { belongs } from "../split.ts";

const STARTS = "b|br|d|dr|f|fl|g|gl|h|j|k|kr|l|m|n|p|pl|r|s|st|t|tr|v|w|z".split("|");
const VOWELS = "a|e|i|o|u|ai|ei|ou".split("|");
const ENDS = "|||n|r|l|s|k".split("|");

/** A word that no language has: what a model repeats from a prompt because it stands there, not because it knows it. */
export function madeUp(random: Random, split: Split, capital = false): string {
  const word = until(
    () => {
      let text = "";
      for (let i = between(random, 2, 3); i > 0; i--) text += pick(random, STARTS) + pick(random, VOWELS);
      return text + pick(random, ENDS);
    },
    (text) => belongs(text, split),
  );
  return capital ? word[0]!.toUpperCase() + word.slice(1) : word;
}
