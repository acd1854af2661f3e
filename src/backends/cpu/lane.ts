import { TandemError } from "../../errors.ts";
import { SYNC } from "./commands.ts";
import type { Report } from "./crew.ts";
import type { ExpertUse } from "./expert-stream.ts";
import type { ExpertTables } from "./expert-tables.ts";
import { instantiate, type Kernels } from "./kernels.ts";

/**
 * Milliseconds of looking at another thread's word before going to sleep. Most meetings are over within a few microseconds if every thread
 * has a core of its own, while being woken takes 50; if not, looking takes the core from the very thread that is waited for. So patience
 * shrinks where even the longest would have been in vain.
 */
const PATIENCE = { least: 0.004, most: 0.06 } as const;
/** Asleep for less than this, waking included, and looking for longer would have paid. */
const WOKEN_SOON = 0.12;

/** Leaves the core to its other hardware thread for some ten nanoseconds, where the engine knows how. */
const pause: () => void = (Atomics as { pause?: () => void }).pause ?? (() => {});

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
  /** How often a thread looks in a millisecond. */
  #looks = 0;

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
      // Whoever goes to sleep has said so before looking a last time.
      if (Atomics.load(sync, SYNC.asleep) > 0) Atomics.notify(sync, SYNC.generation);
    } else if (!this.#seen(generation, this.#patience * this.#looks)) this.#sleep(generation);
    this.#generation = (generation + 1) | 0;
    if (Atomics.load(sync, SYNC.failed) !== 0) throw new Abandoned();
  }

  /** Whether the generation is over after so many looks. */
  #seen(generation: number, looks: number): boolean {
    const sync = this.#sync;
    for (let i = 0; i < looks; i++) {
      if (Atomics.load(sync, SYNC.generation) !== generation) return true;
      pause();
    }
    return false;
  }

  #sleep(generation: number): void {
    const sync = this.#sync;
    const start = performance.now();
    Atomics.add(sync, SYNC.asleep, 1);
    while (Atomics.load(sync, SYNC.generation) === generation && Atomics.load(sync, SYNC.failed) === 0)
      Atomics.wait(sync, SYNC.generation, generation, 1000);
    Atomics.sub(sync, SYNC.asleep, 1);
    const soon = performance.now() - start < WOKEN_SOON;
    this.#patience = soon ? Math.min(PATIENCE.most, 2 * this.#patience) : Math.max(PATIENCE.least, this.#patience / 2);
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
    if (this.#looks === 0 && this.threads > 1) this.#timeLooks();
  }

  /** The fastest of a few rounds: the first is not compiled yet, another may be interrupted. */
  #timeLooks(): void {
    const looks = 2000;
    for (let round = 0; round < 8; round++) {
      const start = performance.now();
      this.#seen(this.#generation, looks);
      this.#looks = Math.max(this.#looks, looks / Math.max(0.005, performance.now() - start));
    }
  }
}

/** The program was given up, for a reason the coordinator knows. */
export class Abandoned extends TandemError {
  constructor() {
    super("internal", { reason: "the program was abandoned" });
  }
}
