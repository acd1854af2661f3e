import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";
import type { IO, Output } from "../io.ts";
import { isTerminal } from "../style.ts";

const PASTE_ON = "\u001b[?2004h";
const PASTE_OFF = "\u001b[?2004l";

/** Passes on what the line editor draws, except while an answer is being printed: keys typed then appear with the next prompt. */
class Muffler extends Writable {
  readonly #target: Output;
  muffled = true;

  constructor(target: Output) {
    super();
    this.#target = target;
    target.on("resize", () => this.emit("resize"));
  }

  get columns(): number {
    return this.#target.columns ?? 80;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.muffled) this.#target.write(chunk);
    done();
  }
}

/** Messages typed by a person, with editing and history, or lines from a pipe. */
export class Lines {
  readonly terminal: boolean;
  readonly #io: IO;
  readonly #editor: Interface;
  readonly #screen: Muffler;
  readonly #queue: string[] = [];
  readonly #stopListening: () => void;
  /** Lines of a message not yet complete: pasted, or ended with a backslash. */
  #begun: string[] = [];
  #pasting = false;
  #prompt = "";
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(io: IO, onInterrupt: () => void) {
    this.#io = io;
    this.terminal = io.stdin.isTTY === true && isTerminal(io, io.stdout);
    this.#screen = new Muffler(io.stdout);
    this.#editor = createInterface({ input: io.stdin, output: this.#screen, terminal: this.terminal, historySize: 1000 });
    this.#editor.on("line", (line) => this.#take(line));
    this.#editor.on("close", () => this.#end());
    // In raw mode Ctrl-C is a key, otherwise a signal.
    this.#editor.on("SIGINT", onInterrupt);
    this.#stopListening = io.onInterrupt(onInterrupt);
    if (!this.terminal) return;
    io.stdout.write(PASTE_ON);
    io.stdin.on("keypress", (_text, key?: { readonly name?: string }) => {
      if (key?.name === "paste-start") this.#pasting = true;
      if (key?.name === "paste-end") this.#pasting = false;
    });
  }

  /** The next message; undefined when there will be none. */
  async next(prompt: string): Promise<string | undefined> {
    if (this.terminal && this.#queue.length === 0 && !this.#closed) {
      this.#screen.muffled = false;
      this.#prompt = prompt;
      this.#promptAgain(prompt);
    }
    if (this.#queue.length === 0 && !this.#closed) await new Promise<void>((wake) => (this.#wake = wake));
    this.#screen.muffled = true;
    return this.#queue.shift();
  }

  /** Throws away what is being typed and shows a remark and a fresh prompt. */
  startOver(remark: string): void {
    this.#begun = [];
    this.#editor.write(null, { ctrl: true, name: "e" });
    this.#editor.write(null, { ctrl: true, name: "u" });
    this.#io.stdout.write(`\n${remark}\n`);
    this.#promptAgain(this.#prompt);
  }

  close(): void {
    this.#editor.close();
  }

  #promptAgain(prompt: string): void {
    this.#editor.setPrompt(prompt);
    this.#editor.prompt(true);
  }

  #take(line: string): void {
    const continues = this.terminal && line.endsWith("\\") && !this.#pasting;
    this.#begun.push(continues ? line.slice(0, -1) : line);
    if (continues) this.#promptAgain("  ");
    if (continues || this.#pasting) return;
    this.#queue.push(this.#begun.join("\n"));
    this.#begun = [];
    this.#wake?.();
  }

  #end(): void {
    this.#closed = true;
    this.#stopListening();
    if (this.terminal) this.#io.stdout.write(PASTE_OFF);
    this.#wake?.();
  }
}
