import type { AnswerOptions, Engine, Session, SessionEvent } from "../../engine/index.ts";
import type { Message } from "../../text/index.ts";
import { remarkOn } from "../answer-once.ts";
import { type IO, printLine } from "../io.ts";
import { reportError } from "../report-error.ts";
import { isTerminal, type Style, styleFor } from "../style.ts";
import { grouped, plural } from "../text.ts";
import { AnswerPrinter } from "./answer-printer.ts";
import { Lines } from "./lines.ts";
import { runSlashCommand } from "./slash-commands.ts";

/** Two presses of Ctrl-C within this time quit. */
const TWICE_MS = 2000;

export type ChatSession = Pick<Session, "messages" | "reset" | "send">;
/** What a chat needs of an engine. */
export type ChatEngine = Pick<Engine, "location" | "text" | "numerics" | "context"> & { session(): ChatSession };

export interface ChatSetup {
  /** What to call the model. */
  readonly title: string;
  /** What one might ask it. */
  readonly hint?: string;
  /** The conversation so far. */
  readonly messages?: readonly Message[];
  readonly options?: AnswerOptions;
}

/** A conversation in the terminal. */
export class Chat {
  readonly engine: ChatEngine;
  readonly session: ChatSession;
  readonly io: IO;
  /** How to answer; the slash commands change it. */
  options: AnswerOptions;
  folded = false;
  lastReasoning = "";
  /** Files this chat has written, which it may therefore overwrite. */
  readonly written = new Set<string>();
  readonly #setup: ChatSetup;
  readonly #style: Style;
  readonly #lines: Lines;
  #answering: AbortController | undefined;
  #interrupted = Number.NEGATIVE_INFINITY;
  #quit = false;

  constructor(engine: ChatEngine, setup: ChatSetup, io: IO) {
    const { messages = [], options = {} } = setup;
    this.#setup = setup;
    this.engine = engine;
    this.session = engine.session();
    this.session.reset(messages);
    this.io = io;
    this.options = options;
    this.#style = styleFor(io, io.stdout);
    this.#lines = new Lines(io, () => this.#interrupt());
  }

  /** Talks until the input ends or the person quits. */
  async talk(): Promise<void> {
    if (this.#lines.terminal) await this.#greet();
    try {
      while (!this.#quit) {
        const line = await this.#lines.next(this.#style.bold("> "));
        if (line === undefined) {
          // Ctrl-D leaves the cursor behind the prompt.
          if (this.#lines.terminal && !this.#quit) this.io.stdout.write("\n");
          break;
        }
        if (line.trim() === "") continue;
        await (line.startsWith("/") ? this.#command(line) : this.#answer(line));
      }
    } finally {
      this.#lines.close();
    }
  }

  quit(): void {
    this.#quit = true;
    this.#lines.close();
  }

  /** The messages of the conversation, with another system message or none. */
  setSystem(text: string): void {
    const rest = this.session.messages.filter(({ role }, i) => i > 0 || role !== "system");
    this.session.reset(text === "" ? rest : [{ role: "system", content: text }, ...rest]);
  }

  async #greet(): Promise<void> {
    const { engine } = this;
    const { title, hint, messages = [] } = this.#setup;
    const lines = [
      `${title} · dialect ${engine.text!.dialect.name} · ${engine.numerics} numerics · context ${grouped(engine.context)}`,
      ...(hint ? [hint] : []),
      ...(messages.length > 0 ? [`${plural(messages.length, "message")} so far.`] : []),
      "/help lists the commands, Ctrl-C stops an answer, Ctrl-D quits.",
    ];
    await printLine(this.io, `${this.#style.dim(lines.join("\n"))}\n`);
  }

  async #command(line: string): Promise<void> {
    try {
      const reply = await runSlashCommand(this, line);
      if (reply) await printLine(this.io, this.#style.dim(reply));
    } catch (error) {
      await reportError(error, this.io, false);
    }
  }

  async #answer(text: string): Promise<void> {
    const { stdout } = this.io;
    const terminal = isTerminal(this.io, stdout);
    const printer = new AnswerPrinter(this.io, {
      content: stdout,
      remarks: stdout,
      reasoning: terminal ? stdout : undefined,
      fold: this.folded,
    });
    const answering = (this.#answering = new AbortController());
    let began = performance.now();
    try {
      for await (const event of this.session.send(text, { ...this.options, signal: answering.signal })) {
        if (event.type === "prefill") began = performance.now();
        await printer.show(event);
        if (event.type !== "finish") continue;
        const remark = remarkOn(event.reason, event.message);
        if (remark) await printLine(this.io, this.#style.dim(remark));
        if (terminal) await printLine(this.io, this.#style.dim(usageLine(event, performance.now() - began)));
      }
    } catch (error) {
      await reportError(error, this.io, false);
    } finally {
      this.#answering = undefined;
      this.lastReasoning = printer.reasoning;
    }
  }

  #interrupt(): void {
    const now = performance.now();
    const twice = now - this.#interrupted < TWICE_MS;
    this.#interrupted = now;
    if (twice || this.#answering?.signal.aborted) {
      this.#answering?.abort();
      this.quit();
    } else if (this.#answering) this.#answering.abort();
    else this.#lines.startOver(this.#style.dim("Ctrl-C again quits; so does Ctrl-D."));
  }
}

function usageLine({ usage }: Extract<SessionEvent, { type: "finish" }>, ms: number): string {
  const { completionTokens, reasoningTokens, promptTokens, cachedTokens } = usage;
  return [
    plural(completionTokens, "token"),
    `${((1000 * completionTokens) / ms).toFixed(1)} tokens/s`,
    ...(reasoningTokens > 0 ? [`${grouped(reasoningTokens)} thinking`] : []),
    `prompt ${grouped(promptTokens)}${cachedTokens > 0 ? `, ${grouped(cachedTokens)} from cache` : ""}\n`,
  ].join(" · ");
}
