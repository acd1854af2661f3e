import type { ParserEvent, Rendered } from "../types.ts";
import { StopFilter } from "./stop-filter.ts";
import { TextSink } from "./text-sink.ts";

export type TextKind = "reasoning" | "content";

/** The two streams of text in an answer. Only content is searched for stop strings. */
export class AnswerText {
  readonly #sinks: Readonly<Record<TextKind, TextSink>>;
  readonly #stop: StopFilter;
  readonly #emit: (event: ParserEvent) => void;

  /** `continues`: the output goes on where the prompt's text left off, so line breaks at its start are text. */
  constructor(start: Rendered["startsIn"], continues: boolean, stop: readonly string[], emit: (event: ParserEvent) => void) {
    this.#stop = new StopFilter(stop);
    this.#emit = emit;
    this.#sinks = {
      reasoning: new TextSink(!continues, (text) => emit({ type: "reasoning", text })),
      content: new TextSink(!continues || start === "reasoning", (text) => this.#show(this.#stop.pass(text))),
    };
  }

  /** A stop string has been met. */
  get stopped(): boolean {
    return this.#stop.stopped;
  }

  write(kind: TextKind, text: string): void {
    this.#sinks[kind].write(text);
  }

  /** A stray tag was removed from the content: whatever follows, it is no longer the beginning. */
  beginContent(): void {
    this.#sinks.content.begin();
  }

  /** A tag ends this text: line breaks in front of it were separators. */
  close(kind: TextKind): void {
    this.#sinks[kind].dropNewlines();
    if (kind === "content") this.#show(this.#stop.flush());
  }

  /** The output has ended. */
  flush(): void {
    this.#sinks.reasoning.flush();
    this.#sinks.content.flush();
    this.#show(this.#stop.flush());
  }

  #show(text: string): void {
    if (text !== "") this.#emit({ type: "content", text });
  }
}
