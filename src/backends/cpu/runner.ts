import { TandemError } from "../../errors.ts";
import type { Crew } from "./crew.ts";
import type { Experts } from "./experts.ts";
import type { Banks, Place } from "./memory.ts";
import { Paces } from "./pace.ts";
import type { Plan } from "./plan.ts";
import { Plans } from "./plans.ts";
import { Recording } from "./recording.ts";
import type { Value } from "./value.ts";

interface Read {
  /** Of the value, in the recording. */
  readonly number: number;
  readonly into: readonly Float32Array[];
  done: boolean;
}

interface Program {
  readonly recording: Recording;
  /** Memory that this program is the last to use. */
  readonly outdated: Place[];
  readonly reads: Read[];
  readonly stores: Set<{ failed?: unknown }>;
}

/** Collects commands into programs and runs one program after another. */
export class Runner {
  readonly #crew: Crew;
  readonly #banks: Banks;
  readonly #experts: Experts;
  readonly #arenas: (Place | undefined)[] = [];
  readonly #paces: Paces;
  readonly #plans = new Plans();
  /** Recordings whose programs have run. */
  readonly #spare: Recording[] = [];
  #program = this.#empty();
  #last: Promise<void> = Promise.resolve();
  #flushing: Promise<void> | undefined;
  /** Largest arena and last program, for `counts`. */
  arenaBytes = 0;
  barriers = 0;
  commands = 0;

  constructor(crew: Crew, banks: Banks, experts: Experts) {
    this.#crew = crew;
    this.#paces = new Paces(crew.threads);
    this.#banks = banks;
    this.#experts = experts;
  }

  /** Bytes set aside for values of steps, in all banks. */
  get arenas(): number {
    return this.#arenas.reduce((sum, place) => sum + (place?.bytes ?? 0), 0);
  }

  /** What is being collected. */
  get recording(): Recording {
    return this.#program.recording;
  }

  /** A store that the program changes: if the program fails, nobody knows what is in it. */
  changes(store: { failed?: unknown }): void {
    this.#program.stores.add(store);
  }

  /** Gives memory back once the program being collected has run. */
  releaseAfter(place: Place): void {
    this.#program.outdated.push(place);
  }

  /** Forgets what is being collected, because writing it down failed half-way: nothing of it will run. */
  drop(error: unknown): void {
    const { stores, outdated, recording } = this.#program;
    for (const store of stores) store.failed = error;
    recording.close();
    recording.clear();
    this.#program = { recording, outdated: [], reads: [], stores: new Set() };
    // Programs before it may still be using that memory.
    this.#last = this.#last.then(() => {
      for (const place of outdated) this.#banks.release(place);
    });
  }

  /** Rows of float32, copied out when the program has run, before the next one may overwrite them. */
  async read(value: Value, into: Float32Array[]): Promise<Float32Array[]> {
    if (value.constant) {
      copyRows(value.constant.slice().buffer, 0, into);
      return into;
    }
    const read: Read = { number: this.recording.read(value), into, done: false };
    this.#program.reads.push(read);
    await this.settled();
    if (!read.done) throw new TandemError("internal", { reason: "a tensor of a step that failed was read" });
    return into;
  }

  /** Runs what has been collected. Everything asked for until the current turn of the event loop's microtasks ends goes along. */
  settled(): Promise<void> {
    this.#flushing ??= Promise.resolve().then(() => {
      const program = this.#program;
      program.recording.close();
      this.#program = this.#empty();
      this.#flushing = undefined;
      const run = this.#last.then(() => this.#run(program));
      // A failed program fails those who asked for it, not those who come after.
      this.#last = run.catch(() => {});
      return run;
    });
    return this.#flushing;
  }

  #empty(): Program {
    return { recording: this.#spare.pop() ?? new Recording(), outdated: [], reads: [], stores: new Set() };
  }

  async #run(program: Program): Promise<void> {
    const { recording } = program;
    try {
      if (recording.commands === 0) return;
      const { trace } = this.#crew;
      const start = performance.now();
      const plan = this.#plans.of(recording, (bank, bytes) => this.#arena(bank, bytes));
      this.arenaBytes = Math.max(this.arenaBytes, plan.arenaBytes);
      this.barriers = plan.barriers;
      this.commands = recording.commands;
      const planned = performance.now();
      if (this.#banks.imagined) return;
      this.#writeConstants(plan, recording);
      if (trace) {
        trace.planned += planned - start;
        trace.wrote += performance.now() - planned;
      }
      this.#experts.begin([...recording.experts]);
      const { threads, took } = this.#paces.choose(plan.arenaBytes);
      const started = performance.now();
      const arenas = this.#arenas.map((a) => a?.at ?? 0);
      await this.#crew.run(plan.words, plan.counters, arenas, threads);
      took(performance.now() - started);
      for (const read of program.reads) this.#copy(plan, read);
    } catch (error) {
      for (const store of program.stores) store.failed = error;
      throw error;
    } finally {
      for (const place of program.outdated) this.#banks.release(place);
      recording.clear();
      this.#spare.push(recording);
    }
  }

  #writeConstants({ constants, banks }: Plan, { values }: Recording): void {
    for (const bank of banks) {
      const { at } = this.#arenas[bank]!;
      for (const { number, offset } of constants) {
        const { bytes, constant } = values[number]!;
        this.#banks.list[bank]!.bytes(at + offset, bytes).set(constant!);
      }
    }
  }

  #copy({ offsets, valueBanks }: Plan, read: Read): void {
    const bank = valueBanks[read.number]!;
    copyRows(this.#banks.list[bank]!.memory.buffer, this.#arenas[bank]!.at + offsets[read.number]!, read.into);
    read.done = true;
  }

  /** The bank's arena, at least `bytes` long. */
  #arena(bank: number, bytes: number): number {
    const old = this.#arenas[bank];
    if (old && old.bytes >= bytes) return old.at;
    if (old) this.#banks.release(old);
    this.#arenas[bank] = undefined;
    // Steps grow with the context: a little more now saves moving at every one.
    const place = this.#banks.allocateIn(bank, Math.ceil(bytes * 1.25)) ?? this.#banks.allocateIn(bank, bytes);
    if (!place) throw new TandemError("engine/out-of-memory", { bytes });
    this.#arenas[bank] = place;
    return place.at;
  }
}

function copyRows(memory: ArrayBufferLike, at: number, into: readonly Float32Array[]): void {
  for (const row of into) {
    row.set(new Float32Array(memory, at, row.length));
    at += row.byteLength;
  }
}
