/**
 * The grammar of an answer as a table: in each state, which tokens may come and what the text between them is.
 *
 *   [reasoning </think>] content [ BLOCK ( CALL name (KEY key VALUE /KEY)* /CALL )+ /BLOCK ]        DSML: V3.2, V4, V4.1
 *   [reasoning </think>] content [ BLOCK ( CALL name SEP json /CALL )+ /BLOCK ]                     V3.1
 *
 * A token means the same in every state; what it does is one switch in `machine.ts`. Its spellings are in `lexicon.ts`.
 */
export type State = "reasoning" | "content" | "block" | "name" | "arguments" | "key" | "value" | "json" | "skip" | "done" | "ended";

export type Token =
  | "think-end"
  | "block-open"
  | "block-close"
  | "call-open"
  | "name-end"
  | "call-close"
  | "key-open"
  | "key-end"
  | "value-end";

export interface StateRow {
  /** Text between tokens: anything, only white space, or a name on one line. */
  readonly body: "any" | "blank" | "word";
  /** What a well-formed answer has here. */
  readonly regular: readonly Token[];
  /** What a malformed answer may have here and we can still make sense of. */
  readonly repair: readonly Token[];
}

export const STATES: Readonly<Record<State, StateRow>> = {
  reasoning: { body: "any", regular: ["think-end", "block-open"], repair: [] },
  content: { body: "any", regular: ["block-open"], repair: ["think-end", "call-open"] },
  /** In a tool block, between calls. */
  block: { body: "blank", regular: ["call-open", "block-close"], repair: [] },
  name: { body: "word", regular: ["name-end"], repair: [] },
  /** In a DSML call, between parameters. */
  arguments: { body: "blank", regular: ["key-open", "call-close"], repair: ["call-open", "block-close"] },
  key: { body: "word", regular: ["key-end"], repair: [] },
  value: { body: "any", regular: ["value-end"], repair: ["call-close", "block-close"] },
  /** Arguments written as one JSON object. */
  json: { body: "any", regular: ["call-close"], repair: ["block-close"] },
  /** After something we could not make sense of: ignore up to the next call. */
  skip: { body: "any", regular: ["call-open", "block-close"], repair: [] },
  /** The block is closed: the answer is complete. */
  done: { body: "blank", regular: [], repair: [] },
  /** Nothing counts any more: text after the answer, or after a stop string. */
  ended: { body: "any", regular: [], repair: [] },
};

const NEWLINE = 0x0a;
const LESS_THAN = 0x3c;

/** Whether `unit` may stand between the tokens of a state with this body. */
export function allows(body: StateRow["body"], unit: number): boolean {
  if (body === "blank") return unit === 0x20 || unit === NEWLINE || unit === 0x0d || unit === 0x09;
  // No tool or parameter name has a line break or a `<`; refusing them keeps an unclosed quote from swallowing the rest of the answer.
  if (body === "word") return unit !== NEWLINE && unit !== LESS_THAN;
  return true;
}
