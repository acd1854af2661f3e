import type { Message, OutputParser, ParserEvent, ToolCall } from "../text/index.ts";
import type { FinishReason, SessionEvent } from "./events.ts";

/** How generation ended, before anything is known of what was said. */
export type Ending = "stop" | "length" | "cancelled";

/** Gathers an answer as its text goes by. */
export class Answer {
  readonly #parser: OutputParser;
  readonly #toolCalls: ToolCall[] = [];
  #stopped: "stop-string" | "tool-calls" | undefined;
  #reasoning = "";
  #content = "";
  /** Tokens sampled, counted by the caller. */
  tokens = 0;
  /** Of these, the ones before the first visible character or call. */
  reasoningTokens = 0;

  constructor(parser: OutputParser) {
    this.#parser = parser;
  }

  /** Text that a token completed. */
  *take(text: string): Generator<SessionEvent> {
    yield* this.#note(this.#parser.push(text));
    if (this.#content === "" && this.#toolCalls.length === 0) this.reasoningTokens = this.#reasoning === "" ? 0 : this.tokens;
  }

  /** The last text and the end of output. */
  *finish(text: string): Generator<SessionEvent> {
    yield* this.#note(this.#parser.push(text));
    yield* this.#note(this.#parser.finish());
  }

  /** Nothing more is wanted: a stop string was met, or the block of tool calls closed. */
  get complete(): boolean {
    return this.#stopped !== undefined;
  }

  /** To be asked after `finish`: a call inside thinking that was never closed is certain only when the output has ended. */
  reason(ended: Ending): FinishReason {
    if (ended !== "stop") return ended;
    return this.#stopped ?? (this.#toolCalls.length > 0 ? "tool-calls" : "stop");
  }

  message(): Message {
    return {
      role: "assistant",
      content: this.#content,
      ...(this.#reasoning && { reasoning: this.#reasoning }),
      ...(this.#toolCalls.length > 0 && { toolCalls: this.#toolCalls }),
    };
  }

  *#note(events: readonly ParserEvent[]): Generator<SessionEvent> {
    for (const event of events) {
      if (event.type === "stop") this.#stopped ??= event.reason;
      else if (event.type === "tool-end") {
        const call = { id: newCallId(), ...event.call };
        this.#toolCalls.push(call);
        yield { ...event, call };
      } else {
        if (event.type === "reasoning") this.#reasoning += event.text;
        else if (event.type === "content") this.#content += event.text;
        yield event;
      }
    }
  }
}

/** Ids tie results to calls over many turns, so they must not repeat, and nobody should be able to guess one. */
function newCallId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `call_${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
