import type { IO, Output } from "./io.ts";

export interface Style {
  dim(text: string): string;
  bold(text: string): string;
}

const PLAIN: Style = { dim: (text) => text, bold: (text) => text };
const ANSI: Style = { dim: (text) => `\u001b[2m${text}\u001b[22m`, bold: (text) => `\u001b[1m${text}\u001b[22m` };

/** Whether cursor movements and the like may be written to a stream. */
export const isTerminal = (io: IO, stream: Output): boolean => stream.isTTY === true && io.env.TERM !== "dumb";

/** Styles for a stream: none in pipes and under NO_COLOR (https://no-color.org). */
export const styleFor = (io: IO, stream: Output): Style => (isTerminal(io, stream) && !io.env.NO_COLOR ? ANSI : PLAIN);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text of a model or a file for a terminal: a control character in it could rewrite the screen or worse, and becomes U+FFFD. */
export const harmless = (text: string): string => text.replace(CONTROL, "\u{FFFD}");

/** For a stream: harmless in a terminal, untouched in a pipe. */
export const shownOn = (stream: Output, text: string): string => (stream.isTTY ? harmless(text) : text);
