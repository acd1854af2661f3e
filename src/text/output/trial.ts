import type { ParserEvent } from "../types.ts";
import type { TextKind } from "./answer-text.ts";

/**
 * How much of a call on trial is held back before we decide without its end, in UTF-16 units. Quoted examples are far shorter; a real
 * call longer than this writes a file, and waiting for all of it would only delay the client.
 */
export const TRIAL_LIMIT = 65_536;

/**
 * A tool call that may yet turn out to be text. Its events wait here, and its raw text with them, until it is believed (the events go
 * out) or not (the raw text goes out as text, and the machine is back where the trial began).
 *
 * In content a call is believed as soon as its name is complete: if all tags are exact, or if the name is that of a known tool.
 * In thinking the model may only be quoting. There a call must be flawless, name known tools, close its block and be the last thing of
 * the output; any other tag or text in between, even `</think>`, makes all of it reasoning. Only a block longer than `TRIAL_LIMIT` is
 * believed before its end.
 */
export interface Trial {
  readonly origin: TextKind;
  /** The opening tag was the dialect's own. */
  readonly exact: boolean;
  /** It opened a block, as it should, rather than a call. */
  readonly wrapped: boolean;
  readonly events: ParserEvent[];
  raw: string;
}
