import type { Answer, Verdict } from "./skill.ts";

export const RIGHT: Verdict = { right: true };
export const wrong = (why: string): Verdict => ({ right: false, why });

/** Fails for a reason of its own where there should be no tool call. */
export const withoutCalls =
  (check: (content: string) => Verdict) =>
  ({ content, toolCalls = [] }: Answer): Verdict =>
    toolCalls.length > 0 ? wrong("called a tool") : check(content);

/** The last whole number of the content. */
export const lastNumberIs = (expected: number) =>
  withoutCalls((content) => {
    const said = content.replaceAll("−", "-").match(/-?\d+/g)?.at(-1);
    return said === undefined ? wrong("no number") : Number(said) === expected ? RIGHT : wrong("wrong number");
  });

/** The content, but for white space around it and a full stop at its end. */
export const textIs = (expected: string) =>
  withoutCalls((content) => (bare(content) === bare(expected) ? RIGHT : wrong(content.trim() === "" ? "nothing said" : "wrong text")));

/** All of these occur, none of those does; words are told from parts of words. */
export const mentions = (all: readonly string[], none: readonly string[] = []) =>
  withoutCalls((content) => {
    if (content.trim() === "") return wrong("nothing said");
    if (!all.every((text) => includesWord(content, text))) return wrong("something missing");
    return none.some((text) => includesWord(content, text)) ? wrong("something else said") : RIGHT;
  });

const bare = (text: string): string => text.trim().replace(/[.。]$/, "");

/** Letters, digits and minus signs beside a match make it part of something longer; Chinese has no spaces to tell words by. */
function includesWord(text: string, word: string): boolean {
  const part = /[A-Za-z0-9]/;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? "", text[at + word.length] ?? ""];
    if (!(part.test(before) && part.test(word[0]!)) && !(part.test(after) && part.test(word.at(-1)!))) return true;
  }
  return false;
}
