import { TandemError } from "../../errors.ts";
import { SYNC } from "./commands.ts";
import type { Report } from "./crew.ts";
import type { ExpertUse } from "./expert-stream.ts";
import type { ExpertTables } from "./expert-tables.ts";
import { instantiate, type Kernels } from "./kernels.ts";

/**
 * Looks at another thread's word before going to sleep. Most meetings are over within a few microseconds if every thread has a core of its
 * own; if not, looking takes the core from the very thread that is waited for. So patience shrinks when it was in vain and grows when it paid.
 */
const PATIENCE = { least: 64, most: 4096 } as const;

/** One worker thread's view of a program: its share of each command, the kernels of each bank, the points where threads meet. */
export class Lane {
  readonly me: number;
  readonly post: (report: Report) => void;
  readonly #sync: Int32Array;
  readonly #module: WebAssembly.Module;
  readonly #memories: WebAssembly.Memory[] = [];
  readonly #views: Uint8Array[] = [];
  readonly #kernels: Kernels[] = [];
  #generation = 0;
  #patience: number = PATIENCE.most;

  /** Set per program: how many threads run it, and what they run. */
  threads = 1;
  words: Int32Array = new Int32Array(0);
  floats: Float32Array = new Float32Array(0);
  arenas: readonly number[] = [];
  tables: ExpertTables | undefined;
  /** Experts held in memory for the layer under way. */
  readonly pinned: number[] = [];
  /** Set per command: its bank, that bank's kernels, its shared counter. */
  bank = 0;
  k: Kernels = {};
  slot = 0;
  /** Set by `share`. */
  begin = 0;
  end = 0;

  constructor(module: WebAssembly.Module, sync: ArrayBufferLike, me: number, post: (report: Report) => void) {
    this.me = me;
    this.post = post;
    this.#module = module;
    this.#sync = new Int32Array(sync);
  }

  addBank(memory: WebAssembly.Memory): void {
    this.#memories.push(memory);
    this.#kernels.push(instantiate(this.#module, memory));
  }

  kernels(bank: number): Kernels {
    return this.#kernels[bank]!;
  }

  /** All bytes of a bank. A shared memory that has grown keeps its old buffers valid, only shorter. */
  view(bank: number): Uint8Array {
    const { buffer } = this.#memories[bank]!;
    if (this.#views[bank]?.length !== buffer.byteLength) this.#views[bank] = new Uint8Array(buffer);
    return this.#views[bank]!;
  }

  int32(bank: number, at: number, count: number): Int32Array {
    return new Int32Array(this.view(bank).buffer, at >>> 0, count);
  }

  float32(bank: number, at: number, count: number): Float32Array {
    return new Float32Array(this.view(bank).buffer, at >>> 0, count);
  }

  /** This thread's part of n rows; the same for every command split by n rows. One row is always the first thread's. */
  share(n: number): boolean {
    this.begin = Math.ceil((n * this.me) / this.threads);
    this.end = Math.ceil((n * (this.me + 1)) / this.threads);
    return this.end > this.begin;
  }

  /** The next piece of `chunk` out of `total` that no thread has taken yet: whoever is free takes it, so a slowed-down core does less. */
  claim(total: number, chunk: number): boolean {
    this.begin = Atomics.add(this.#sync, this.slot, chunk);
    this.end = Math.min(this.begin + chunk, total);
    return this.begin < total;
  }

  /** Waits until all threads are here. */
  meet(): void {
    const sync = this.#sync;
    const generation = this.#generation;
    if (Atomics.add(sync, SYNC.arrived, 1) === this.threads - 1) {
      Atomics.store(sync, SYNC.arrived, 0);
      Atomics.add(sync, SYNC.generation, 1);
      Atomics.notify(sync, SYNC.generation);
    } else {
      let looks = 0;
      while (looks < this.#patience && Atomics.load(sync, SYNC.generation) === generation) looks++;
      const paid = looks < this.#patience;
      this.#patience = paid ? Math.min(PATIENCE.most, this.#patience + PATIENCE.least) : Math.max(PATIENCE.least, this.#patience >> 1);
      while (Atomics.load(sync, SYNC.generation) === generation && Atomics.load(sync, SYNC.failed) === 0)
        Atomics.wait(sync, SYNC.generation, generation, 1000);
    }
    this.#generation = (generation + 1) | 0;
    if (Atomics.load(sync, SYNC.failed) !== 0) throw new Abandoned();
  }

  /** Tells the coordinator what a layer uses, and waits until what is missing is in memory, pinned. */
  ask(use: ExpertUse): void {
    const before = Atomics.load(this.#sync, SYNC.resume);
    this.post({ report: "experts", use });
    if (use.missing.length === 0) return;
    while (Atomics.load(this.#sync, SYNC.resume) === before) Atomics.wait(this.#sync, SYNC.resume, before, 1000);
    if (Atomics.load(this.#sync, SYNC.failed) !== 0) throw new Abandoned();
  }

  /** Before a program: threads count their meetings from the same number, whatever an abandoned one left. */
  reset(): void {
    this.#generation = Atomics.load(this.#sync, SYNC.generation);
  }
}

/** The program was given up, for a reason the coordinator knows. */
export class Abandoned extends TandemError {
  constructor() {
    super("internal", { reason: "the program was abandoned" });
  }
}
