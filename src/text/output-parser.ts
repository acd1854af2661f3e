import { TandemError } from "../errors.ts";
import { knownTools } from "./output/known-tool.ts";
import { Lexicon } from "./output/lexicon.ts";
import { OutputMachine } from "./output/machine.ts";
import type { DialectName, OutputParser, ParserOptions, Rendered } from "./types.ts";

export { PARSER_WARNINGS, type ParserWarning } from "./output/warnings.ts";

export interface OutputParserOptions extends ParserOptions {
  readonly dialect: DialectName;
  /** Where the rendered prompt left the model: take `Rendered.startsIn`, never a request flag. */
  readonly start: Rendered["startsIn"];
}

/**
 * A streaming parser for one answer: reasoning, content and tool calls as they become certain.
 *
 * - The events, text merged per kind, do not depend on how the output is cut into chunks; half a surrogate pair is never emitted.
 * - Held back is the longest tail that may become a tag or a stop string, and the line breaks in front of it; a value that is JSON or
 *   must become another type, until it ends; and a call inside thinking, until it is clear that it is no quotation (`output/machine.ts`).
 * - `tool-arguments` of an index add up to `arguments` of its `tool-end`: JSON text of an object, numbers as the model wrote them.
 *   A `tool-begin` without `tool-end` is a call that was dropped; a warning says why. Never execute before `tool-end`.
 * - `tools` given: mistyped, foreign or missing tags are repaired if the call names one of them. `tools` absent: nothing is known about
 *   names, so every call must be in order. `tools` empty: everything is text.
 *
 * Behaviour on well-formed output is that of DeepSeek's `deepseek-recipe` 0.2.0 (compared in tests/text/output-oracle.test.ts).
 * @throws `text/empty-stop` if a stop string is empty
 */
export function createOutputParser(options: OutputParserOptions): OutputParser {
  const { dialect, start, tools, stop = [], continues = false } = options;
  if (stop.includes("")) throw new TandemError("text/empty-stop");
  const lexicon = Lexicon.of(dialect, tools !== undefined && tools.length > 0);
  return new OutputMachine({ lexicon, start, continues, tools: tools && knownTools(tools), stop });
}
