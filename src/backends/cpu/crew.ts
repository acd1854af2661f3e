import { TandemError } from "../../errors.ts";
import { MAX_COUNTERS, SYNC } from "./commands.ts";
import type { ExpertUse } from "./expert-stream.ts";
import type { ExpertTables } from "./expert-tables.ts";
import type { Bank } from "./memory.ts";
import { canShare, sharedBuffer } from "./sharing.ts";
import { clock, type Times, type Trace } from "./trace.ts";

/** What the coordinator tells a worker. */
export type Order =
  | {
      readonly order: "start";
      readonly module: WebAssembly.Module;
      readonly sync: ArrayBufferLike;
      readonly me: number;
    }
  | { readonly order: "bank"; readonly memory: WebAssembly.Memory }
  | { readonly order: "experts"; readonly tables: ExpertTables }
  | {
      readonly order: "run";
      readonly words: ArrayBufferLike;
      readonly length: number;
      readonly arenas: readonly number[];
      /** How many of the threads take part: the first ones. */
      readonly threads: number;
      /** Commands whose times are wanted: all of the program's, or none. */
      readonly traced: number;
    };

/** What a worker reports. `experts`: those a layer uses; it goes on when none is missing any more. */
export type Report =
  | { readonly report: "done"; readonly times?: Times }
  | { readonly report: "failed"; readonly reason: string }
  | { readonly report: "experts"; readonly use: ExpertUse };

/** A worker thread, of Node or of the web. */
export interface Thread {
  post(order: Order): void;
  /** Keeps the process alive (or no longer). */
  hold(on: boolean): void;
  stop(): Promise<void>;
}
export type StartThread = (onReport: (report: Report) => void, onEnd: (reason: string) => void) => Promise<Thread>;

async function startThread(...handlers: Parameters<StartThread>): Promise<Thread> {
  const node = typeof process !== "undefined" && process.versions?.node !== undefined;
  const { start } = !canShare()
    ? await import("./thread-inline.ts")
    : node
      ? await import("./thread-node.ts")
      : await import("./thread-web.ts");
  return start(...handlers);
}

interface Run {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  waiting: number;
  readonly times: Times[];
}

/** The worker threads of one interpreter. The coordinator's own thread never waits for them. */
export class Crew {
  readonly threads: number;
  readonly #members: Thread[] = [];
  readonly #sync = sharedBuffer(4 * (SYNC.counters + MAX_COUNTERS));
  readonly #words = new Int32Array(this.#sync);
  /** Resolves when nothing is missing any more. */
  readonly #onExperts: (use: ExpertUse) => Promise<void>;
  readonly #module: WebAssembly.Module;
  #buffer = sharedBuffer(1 << 16);
  #run: Run | undefined;
  #closed = false;
  #broken: Error | undefined;
  /** Set while times are wanted. */
  trace: Trace | undefined;

  constructor(threads: number, module: WebAssembly.Module, onExperts: (use: ExpertUse) => Promise<void>) {
    this.threads = threads;
    this.#module = module;
    this.#onExperts = onExperts;
  }

  async start(banks: readonly Bank[]): Promise<void> {
    const module = this.#module;
    const onEnd = (reason: string) => this.#fail(new TandemError("engine/worker-died", { reason }));
    const starting = Array.from({ length: this.threads }, () => startThread((report) => this.#hear(report), onEnd));
    for (const [me, thread] of (await Promise.all(starting)).entries()) {
      thread.post({ order: "start", module, sync: this.#sync, me });
      for (const { memory } of banks) thread.post({ order: "bank", memory });
      thread.hold(false);
      this.#members.push(thread);
    }
    if (this.#closed) await this.close();
  }

  tell(order: Order): void {
    for (const thread of this.#members) thread.post(order);
  }

  /** Runs a program on the first `threads` threads. One at a time. `counters`: its commands. */
  run(words: Int32Array, counters: number, arenas: readonly number[], threads: number): Promise<void> {
    if (this.#broken) return Promise.reject(this.#broken);
    if (this.#buffer.byteLength < words.byteLength) this.#buffer = sharedBuffer(2 * words.byteLength);
    new Int32Array(this.#buffer).set(words);
    // No thread is meeting another now; of a program that was given up some may have been.
    Atomics.store(this.#words, SYNC.arrived, 0);
    this.#words.fill(0, SYNC.failed, SYNC.counters + counters);
    const { trace } = this;
    const ordered = trace ? clock() : 0;
    return new Promise((resolve, reject) => {
      const times: Times[] = [];
      const done = () => {
        trace?.add(words, ordered, clock(), times);
        resolve();
      };
      this.#run = { resolve: done, reject, waiting: threads, times };
      for (const thread of this.#members) thread.hold(true);
      const order: Order = { order: "run", words: this.#buffer, length: words.length, arenas, threads, traced: trace ? counters : 0 };
      for (const thread of this.#members.slice(0, threads)) thread.post(order);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fail(new TandemError("engine/closed", {}));
    await Promise.all(this.#members.splice(0).map((thread) => thread.stop()));
  }

  #hear(report: Report): void {
    const run = this.#run;
    if (!run) return;
    if (report.report === "done") {
      if (report.times) run.times.push(report.times);
      if (--run.waiting === 0) this.#end(() => run.resolve());
    } else if (report.report === "failed") this.#fail(new TandemError("internal", { reason: report.reason }));
    else
      this.#onExperts(report.use).then(
        () => report.use.missing.length > 0 && this.#wake(SYNC.resume),
        (error) => this.#abandon(error),
      );
  }

  /** The program cannot go on, the threads can: each sees the flag at its next meeting point, or is woken there, and reports done. */
  #abandon(error: Error): void {
    const run = this.#run;
    Atomics.store(this.#words, SYNC.failed, 1);
    this.#wake(SYNC.resume);
    this.#wake(SYNC.generation);
    if (run) this.#run = { ...run, resolve: () => run.reject(error) };
  }

  #wake(word: number): void {
    Atomics.add(this.#words, word, 1);
    Atomics.notify(this.#words, word);
  }

  /** A thread is gone or its state unknown: nothing more can be computed. */
  #fail(error: Error): void {
    this.#broken ??= error;
    Atomics.store(this.#words, SYNC.failed, 1);
    this.#wake(SYNC.resume);
    this.#wake(SYNC.generation);
    const run = this.#run;
    if (run) this.#end(() => run.reject(error));
  }

  #end(settle: () => void): void {
    this.#run = undefined;
    for (const thread of this.#members) thread.hold(false);
    settle();
  }
}
