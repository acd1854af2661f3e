import { MAX_NAME_LENGTH } from "./limits.ts";

// Control characters could rewrite the terminal of whoever prints a tensor's name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** What is wrong with a tensor name from a file, or undefined. Names are otherwise free: `__proto__` is one, and harmless in a Map. */
export function nameDefect(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.length > MAX_NAME_LENGTH) return `is longer than ${MAX_NAME_LENGTH} characters`;
  if (name.search(CONTROL) >= 0) return "has control characters";
  return name.isWellFormed() ? undefined : "is not Unicode";
}

/** Text from a file for use in a message: quoted, short, without control characters. */
export function quoted(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(short.toWellFormed().replace(CONTROL, "\u{FFFD}"));
}
