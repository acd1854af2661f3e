import { TandemError } from "../../errors.ts";
import type { ExpertTables } from "./expert-tables.ts";

/** What streaming has cost so far. */
export interface StreamingCounts {
  /** Uses of an expert by a step: found in memory, or waited for. */
  readonly hits: number;
  readonly misses: number;
  /** Read before a step asked for them. */
  readonly prefetched: number;
  readonly bytesRead: number;
  /** Milliseconds steps waited for experts. */
  readonly waitedMs: number;
}

/** One layer's routed experts in a program. `known`: the ones it will use, where the tokens alone decide. */
export interface ExpertLayer {
  readonly first: number;
  readonly count: number;
  readonly known?: () => readonly number[];
}

/** What a step uses of a layer, once it is known. */
export interface ExpertUse {
  readonly first: number;
  readonly used: readonly number[];
  /** Those of them that were not in memory; the step waits for them. */
  readonly missing: readonly number[];
}

/** Pins of a slot whose bytes are being changed: so low that no thread's own counting brings it back to zero. */
const TAKEN = -(2 ** 30);

/** Part of an expert's average that its layer's latest use makes up: it looks back some thirty uses. */
const LATEST = 1 / 32;

/**
 * Fewer slots than experts: which experts are in them. A slot's bytes change only while no thread holds it: threads pin what they are about
 * to use by counting up `pins`, the coordinator takes a slot by swapping 0 for `TAKEN`. Room is made by what will probably be needed
 * latest. Layers run in turn and an expert is used as often as lately, so that is estimated as the layers until its own comes round,
 * plus all layers for every time it will then not be chosen. When steps use all experts this keeps a part of them, as the best possible
 * choice does, where the least recently used would always be the next needed.
 */
export class ExpertStream {
  readonly #tables: ExpertTables;
  /** Reads an expert into a slot; the bytes read. */
  readonly #read: (expert: number, slot: number) => Promise<number>;
  readonly #layerOf: readonly number[];
  readonly #layers: number;
  /** By slot: the expert in it. */
  readonly #owner: Int32Array;
  /** By expert: how often its layer's uses have lately been uses of it. */
  readonly #rate: Float64Array;
  readonly #loading = new Map<number, Promise<void>>();
  /** Experts that layers still to come in the program will use, or probably will. */
  readonly #expected = new Set<number>();
  #program: readonly ExpertLayer[] = [];
  /** The layer under way: place in the program, and number. */
  #at = -1;
  #layer = 0;
  /** How much of a layer the step uses. */
  #share = 1;
  #closed = false;
  readonly counts = { hits: 0, misses: 0, prefetched: 0, bytesRead: 0, waitedMs: 0 };

  /** `layerOf`: each expert's layer, counted from 0. */
  constructor(tables: ExpertTables, layerOf: readonly number[], read: (expert: number, slot: number) => Promise<number>) {
    this.#tables = tables;
    this.#read = read;
    this.#layerOf = layerOf;
    this.#layers = 1 + Math.max(0, layerOf.at(-1) ?? 0);
    this.#owner = new Int32Array(tables.at.length).fill(-1);
    this.#rate = new Float64Array(layerOf.length);
  }

  /** A program is about to run: what its first layers are known to use is read at once. */
  begin(layers: readonly ExpertLayer[]): void {
    if (layers.length === 0) return;
    this.#program = layers;
    this.#at = -1;
    this.#layer = this.#layerOf[layers[0]!.first]! - 1;
    this.#expected.clear();
    this.#readAhead();
  }

  /** A layer is about to use experts. Resolves when those that were missing are in memory, each pinned once. Errors: `engine/experts-do-not-fit`, those of reading. */
  async use({ first, used, missing }: ExpertUse): Promise<void> {
    this.#at = this.#program.findIndex((layer) => layer.first === first);
    this.#layer = this.#layerOf[first]!;
    const { count } = this.#program[this.#at]!;
    for (let e = first; e < first + count; e++) {
      this.#rate[e]! *= 1 - LATEST;
      this.#expected.delete(e);
    }
    for (const e of used) this.#rate[e]! += LATEST;
    this.#share = used.length / count;
    this.counts.hits += used.length - missing.length;
    this.counts.misses += missing.length;
    if (missing.length > 0) await this.#fetch(missing);
    this.#readAhead();
  }

  /** Reads no further experts ahead, and resolves when nothing is being read any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#loading.values());
  }

  /** The layers that follow, as far as they are known; or, if the step uses most experts of a layer, all of the next. */
  #readAhead(): void {
    const next = this.#at + 1;
    for (let i = next; i < this.#program.length; i++) {
      const { first, count, known } = this.#program[i]!;
      if (!known && (i > next || next === 0 || this.#share < 0.5)) return;
      this.#prefetch(known?.() ?? Array.from({ length: count }, (_, e) => first + e), i === next);
      if (!known) return;
    }
  }

  /**
   * Starts to read experts of a coming layer; nobody waits for it, and errors wait for whoever needs them. For the next layer that may
   * displace what a later one needs: it costs one layer more to be read in a step, and then reading and computing overlap.
   */
  #prefetch(experts: readonly number[], next: boolean): void {
    const { slotOf } = this.#tables;
    for (const e of experts) this.#expected.add(e);
    const wanted = experts.filter((e) => slotOf[e]! < 0 && !this.#loading.has(e));
    if (wanted.length === 0 || this.#closed) return;
    const victims = this.#victims(next ? 1 : Number.POSITIVE_INFINITY);
    for (const e of wanted) {
      const slot = this.#vacate(victims);
      if (slot === undefined) return;
      this.counts.prefetched++;
      this.#load(e, slot, 0).catch(() => {});
    }
  }

  async #fetch(experts: readonly number[]): Promise<void> {
    const start = performance.now();
    // Some may have come since the thread looked: held before room is made for the others.
    const absent = experts.filter((e) => !this.#hold(e));
    const victims = this.#victims(0);
    const brought = await Promise.allSettled(absent.map((e) => this.#bring(e, victims)));
    this.counts.waitedMs += performance.now() - start;
    const failed = brought.find((b) => b.status === "rejected");
    if (!failed) return;
    const lost = new Set(absent.filter((_, i) => brought[i]!.status === "rejected"));
    const { slotOf, pins } = this.#tables;
    for (const e of experts) if (!lost.has(e)) Atomics.sub(pins, slotOf[e]!, 1);
    throw failed.reason;
  }

  /** Pins an expert once, if it is in memory. */
  #hold(expert: number): boolean {
    const slot = this.#tables.slotOf[expert]!;
    if (slot >= 0) Atomics.add(this.#tables.pins, slot, 1);
    return slot >= 0;
  }

  /** Brings an expert into memory, pinned once. */
  async #bring(expert: number, victims: Victims): Promise<void> {
    for (;;) {
      // Being read ahead; if that fails it is read again below, and fails with its own error.
      const under = this.#loading.get(expert);
      if (under) await under.catch(() => {});
      if (this.#closed) throw new TandemError("engine/closed");
      if (this.#hold(expert)) return;
      const slot = this.#vacate(victims);
      if (slot !== undefined) return await this.#load(expert, slot, 1);
      if (this.#loading.size === 0) throw new TandemError("engine/experts-do-not-fit", { slots: this.#owner.length });
      // Slots into which something is read ahead can be had when that is done.
      await Promise.race([...this.#loading.values()]).catch(() => {});
      victims = this.#victims(0);
    }
  }

  /** Reads an expert into a slot that has been taken, and gives the slot free with so many pins. */
  #load(expert: number, slot: number, pins: number): Promise<void> {
    const { slotOf, pins: count } = this.#tables;
    const reading = this.#read(expert, slot).then(
      (bytes) => {
        this.counts.bytesRead += bytes;
        this.#owner[slot] = expert;
        Atomics.store(slotOf, expert, slot);
        this.#loading.delete(expert);
        // Counted rather than set: a thread may be stepping back from its own attempt at this moment.
        Atomics.add(count, slot, pins - TAKEN);
      },
      (error) => {
        this.#loading.delete(expert);
        Atomics.add(count, slot, -TAKEN);
        throw error;
      },
    );
    this.#loading.set(expert, reading);
    return reading;
  }

  /** Takes the slot whose expert is needed latest. */
  #vacate(victims: Victims): number | undefined {
    const { slotOf, pins } = this.#tables;
    for (;;) {
      const slot = victims.next();
      if (slot === undefined) return undefined;
      if (Atomics.compareExchange(pins, slot, 0, TAKEN) !== 0) continue;
      const owner = this.#owner[slot]!;
      if (owner >= 0) Atomics.store(slotOf, owner, -1);
      this.#owner[slot] = -1;
      return slot;
    }
  }

  /** `keep`: leaves out what the step is likely to use in so many of the next layers. */
  #victims(keep: number): Victims {
    return new Victims(this.#owner.length, (slot) => {
      if (Atomics.load(this.#tables.pins, slot) !== 0) return Number.NEGATIVE_INFINITY;
      const owner = this.#owner[slot]!;
      if (owner < 0) return Number.POSITIVE_INFINITY;
      const rate = this.#expected.has(owner) ? 1 : Math.max(this.#rate[owner]!, this.#share);
      const ahead = this.#layerOf[owner]! - this.#layer;
      if (rate >= 0.5 && ahead > 0 && ahead <= keep) return Number.NEGATIVE_INFINITY;
      const until = ahead > 0 ? ahead : ahead + this.#layers;
      return until + this.#layers * (1 / rate - 1);
    });
  }
}

/** Slots, the latest needed first, as things were when it was made. */
class Victims {
  readonly #nextUse: Float64Array;

  constructor(slots: number, nextUse: (slot: number) => number) {
    this.#nextUse = Float64Array.from({ length: slots }, (_, slot) => nextUse(slot));
  }

  next(): number | undefined {
    let [best, slot] = [Number.NEGATIVE_INFINITY, -1];
    for (let i = 0; i < this.#nextUse.length; i++)
      if (this.#nextUse[i]! > best) {
        best = this.#nextUse[i]!;
        slot = i;
      }
    if (slot < 0) return undefined;
    this.#nextUse[slot] = Number.NEGATIVE_INFINITY;
    return slot;
  }
}
