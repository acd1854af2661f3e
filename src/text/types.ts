/** A piece of a prompt. Control pieces are single tokens named by their spelling; text pieces can never become control tokens, whatever they spell. */
export type Segment =
  | {
      readonly control: string;
      /** Falls back to plain text where the vocabulary has no such token, instead of being an error. */
      readonly optional?: boolean;
    }
  | { readonly text: string };

export interface Tokenizer {
  /** Rows of the embedding that have a token, i.e. largest id + 1. */
  readonly size: number;
  /** Plain text to ids; control spellings inside it are encoded as ordinary characters. */
  encode(text: string): number[];
  /** A rendered prompt to ids; neighbouring text pieces are merged before BPE (splitting drifts). Unknown control spelling: an error. */
  encodeSegments(segments: readonly Segment[]): number[];
  /** Id of a control token by exact spelling, or undefined. */
  controlId(spelling: string): number | undefined;
  /** Spelling if `id` is a control (added) token. */
  controlSpelling(id: number): string | undefined;
  /** Whether the id is a token: models have more output rows than tokens. */
  has(id: number): boolean;
  /** Bytes of one token (control tokens: UTF-8 of their spelling). */
  bytes(id: number): Uint8Array;
  /** Ids to text; bytes that are not UTF-8 become U+FFFD. Control tokens are spelled out. */
  decode(ids: readonly number[]): string;
}

/** Tool call as clients give and receive it. `arguments` is JSON text: numbers keep their lexeme. `name` is the rendered name (`space::tool` in a namespace). */
export interface ToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema as JSON value with lexeme-preserving numbers (see json.ts), or plain JS value. */
  readonly parameters?: unknown;
  readonly namespace?: string | { readonly name: string; readonly description?: string };
}

export type Role = "system" | "developer" | "user" | "assistant" | "tool" | "latest_reminder";
export type ContentBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly source: unknown }
  | { readonly type: string };

export interface Message {
  readonly role: Role;
  readonly content?: string | null | readonly ContentBlock[];
  readonly reasoning?: string;
  readonly toolCalls?: readonly ToolCall[];
  /** role tool: which call this answers. */
  readonly toolCallId?: string;
  readonly tools?: readonly ToolDefinition[];
  readonly responseFormat?: unknown;
  /** Quick-instruction task of a user message. */
  readonly task?: "action" | "query" | "authority" | "domain" | "title" | "read_url";
  /** Last assistant message only: continue it (no EOS, no new header). */
  readonly prefix?: boolean;
}

export interface RenderOptions {
  readonly thinking: boolean;
  /** A name (`low`, `high`, `max`, …) or, in V4.1, a number 1–100. Default: the dialect's. */
  readonly effort?: string | number;
  /** Default true: reasoning of earlier turns is dropped when no tools are present. */
  readonly dropThinking?: boolean;
  readonly tools?: readonly ToolDefinition[];
  /** `required` or a tool name starts the answer inside a tool-call block where the dialect allows it. */
  readonly toolChoice?: "auto" | "none" | "required" | { readonly name: string };
  readonly addBos?: boolean;
  /** OpenAI's `response_format` object (`json_object`, `json_schema`, `text`); rendered as an instruction, enforced elsewhere. */
  readonly responseFormat?: unknown;
  /** Default false: `<think>` and `｜DSML｜` inside the instructions Tandem itself writes are control tokens. True: plain text. */
  readonly plainTemplate?: boolean;
}

export interface Rendered {
  readonly segments: readonly Segment[];
  /** The same prompt spelled out as one string. */
  readonly text: string;
  /** Where the model's output starts: derived from the rendered tail, given to the parser. */
  readonly startsIn: "reasoning" | "content" | "tool-calls";
  /** The prompt ends inside the answer's text (prefix completion), so that line breaks at the start of the output belong to it. */
  readonly continues: boolean;
}

/** One way of writing conversations down. All dialects have this shape. */
export interface Dialect {
  readonly name: DialectName;
  readonly title: string;
  /** Effort values it accepts and the default; no names and no default where the dialect has no efforts. */
  readonly efforts: { readonly names: readonly string[]; readonly default?: string; readonly numeric: boolean };
  render(messages: readonly Message[], options: RenderOptions): Rendered;
  /** A fresh streaming parser for one answer. */
  parser(start: Rendered["startsIn"], options?: ParserOptions): OutputParser;
}
export type DialectName = "v3.1" | "v3.2" | "v4" | "v4-0731" | "v4.1";

export interface ParserOptions {
  /** Known tools: needed to accept malformed or unwrapped calls and to coerce argument types. */
  readonly tools?: readonly ToolDefinition[];
  /** Stop strings; matched in visible content only. */
  readonly stop?: readonly string[];
  /** From `Rendered.continues`. Default false. */
  readonly continues?: boolean;
}

export type ParserEvent =
  | { readonly type: "reasoning"; readonly text: string }
  | { readonly type: "content"; readonly text: string }
  | { readonly type: "tool-begin"; readonly index: number; readonly name: string }
  | { readonly type: "tool-arguments"; readonly index: number; readonly json: string }
  | { readonly type: "tool-end"; readonly index: number; readonly call: ToolCall }
  /** Something was repaired or dropped; `kind` is stable. */
  | { readonly type: "warning"; readonly kind: string }
  /** A stop string matched or the tool block closed: generation can end. */
  | { readonly type: "stop"; readonly reason: "stop-string" | "tool-calls" };

/** Text in, events out. What cannot yet be decided is held back; nothing is ever emitted twice or taken back. */
export interface OutputParser {
  push(text: string): ParserEvent[];
  /** End of output: flushes what was held back; an unfinished tool call is dropped with a warning. */
  finish(): ParserEvent[];
}
