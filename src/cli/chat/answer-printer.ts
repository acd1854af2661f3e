import type { SessionEvent } from "../../engine/index.ts";
import { type IO, type Output, write } from "../io.ts";
import { type Progress, progressBar } from "../progress.ts";
import { harmless, isTerminal, shownOn, styleFor } from "../style.ts";
import { grouped } from "../text.ts";
import { rowsOf } from "./rows.ts";

/** Where the parts of an answer go; a part without a stream is not shown. */
export interface Places {
  readonly reasoning?: Output | undefined;
  readonly content?: Output | undefined;
  /** Tool calls and what had to be repaired. */
  readonly remarks?: Output | undefined;
  /** Replace the thinking by one line when it is over. */
  readonly fold?: boolean;
}

/** Writes an answer as it comes: thinking dimmed, content plain. */
export class AnswerPrinter {
  readonly #io: IO;
  readonly #places: Places;
  readonly #reading: Progress;
  readonly #started = performance.now();
  readonly #columns: number | undefined;
  #part: "nothing" | "reasoning" | "content" = "nothing";
  /** The thinking so far. */
  reasoning = "";

  constructor(io: IO, places: Places) {
    this.#io = io;
    this.#places = places;
    this.#reading = progressBar(io, "reading the prompt", (n) => `${grouped(n)} tokens`);
    this.#columns = places.reasoning?.columns;
  }

  async show(event: SessionEvent): Promise<void> {
    if (event.type === "prefill") return this.#reading.update(event.done, event.total);
    this.#reading.end();
    if (event.type === "reasoning") await this.#showReasoning(event.text);
    else if (event.type === "content") await this.#showContent(event.text);
    else if (event.type === "tool-end") await this.#remark(`→ ${event.call.name}(${event.call.arguments})`);
    else if (event.type === "warning") await this.#remark(`(repaired in the model's output: ${event.kind})`);
    else if (event.type === "finish") await this.#end();
  }

  async #showReasoning(text: string): Promise<void> {
    this.#part = "reasoning";
    this.reasoning += text;
    const place = this.#places.reasoning;
    if (place) await write(place, styleFor(this.#io, place).dim(harmless(text)));
  }

  async #showContent(text: string): Promise<void> {
    if (this.#part === "reasoning") await this.#endReasoning();
    this.#part = "content";
    const place = this.#places.content;
    if (place) await write(place, shownOn(place, text));
  }

  /** An empty line after the thinking; or one line instead of it, if it is all still on the screen. */
  async #endReasoning(): Promise<void> {
    const place = this.#places.reasoning;
    if (!place) return;
    const shown = harmless(this.reasoning);
    const rows = rowsOf(shown, place.columns ?? 80);
    const onScreen = isTerminal(this.#io, place) && place.columns === this.#columns && rows < (place.rows ?? 24);
    if (this.#places.fold && onScreen) {
      const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
      const up = rows > 1 ? `\u001b[${rows - 1}A` : "";
      await write(place, `${up}\r\u001b[J${styleFor(this.#io, place).dim(`▸ thought for ${seconds} s (/fold shows it)`)}\n\n`);
    } else await write(place, shown.endsWith("\n") ? "\n" : "\n\n");
  }

  async #remark(text: string): Promise<void> {
    const place = this.#places.remarks;
    if (!place) return;
    await this.#end();
    await write(place, `${styleFor(this.#io, place).dim(harmless(text))}\n`);
  }

  /** The line is finished, whatever it was. */
  async #end(): Promise<void> {
    if (this.#part === "reasoning") await this.#endReasoning();
    else if (this.#part === "content" && this.#places.content) await write(this.#places.content, "\n");
    this.#part = "nothing";
  }
}
