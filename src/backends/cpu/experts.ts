import { TandemError } from "../../errors.ts";
import { type WeightSource, weightBytes } from "../../tensor/index.ts";
import type { ExpertKind, ExpertTables } from "./expert-tables.ts";
import type { MatrixLayout } from "./layout.ts";
import type { Loader } from "./loader.ts";
import { aligned, type Banks } from "./memory.ts";
import { sharedBuffer } from "./sharing.ts";

export const PARTS = ["w1", "w2", "w3"] as const;
export type Part = (typeof PARTS)[number];
export interface ExpertPart {
  readonly source: WeightSource;
  readonly layout: MatrixLayout;
}
export type Expert = Readonly<Record<Part, ExpertPart>>;

/** What streaming has cost so far. */
export interface StreamingCounts {
  /** Uses of an expert that was in memory, and that was not. */
  readonly hits: number;
  readonly misses: number;
  readonly prefetched: number;
  readonly bytesRead: number;
  /** Milliseconds programs waited for experts. */
  readonly waitedMs: number;
}

const shared = (words: number) => sharedBuffer(4 * Math.max(words, 1));

export function kindOf(parts: Readonly<Record<Part, { readonly layout: MatrixLayout }>>): ExpertKind {
  let at = 0;
  const next = (bytes: number) => {
    const here = at;
    at += aligned(bytes + 64);
    return here;
  };
  const place = ({ layout }: { readonly layout: MatrixLayout }) => ({ data: next(layout.dataBytes), scale: next(layout.scaleBytes) });
  const offsets = { w1: place(parts.w1), w3: place(parts.w3), w2: place(parts.w2) };
  return { w1: parts.w1.layout, w2: parts.w2.layout, w3: parts.w3.layout, offsets, bytes: at };
}

/**
 * The routed experts in memory: all of them, or as many as a limit allows, the least recently used making room. A slot's bytes change only
 * while no thread holds it: threads pin what they are about to use by counting up `pins`, the coordinator takes a slot by swapping 0 for -1.
 */
export class Experts {
  readonly #banks: Banks;
  readonly #loader: Loader;
  readonly #experts: Expert[] = [];
  readonly #kinds: ExpertKind[] = [];
  readonly #kindOf: number[] = [];
  #tables: ExpertTables | undefined;
  /** By slot: the expert in it, and when it was last used. */
  #owner: number[] = [];
  #lastUse: number[] = [];
  #clock = 0;
  readonly #loading = new Map<number, Promise<void>>();
  readonly #counts = { hits: 0, misses: 0, prefetched: 0, bytesRead: 0, waitedMs: 0 };

  constructor(banks: Banks, loader: Loader) {
    this.#banks = banks;
    this.#loader = loader;
  }

  get count(): number {
    return this.#experts.length;
  }

  get kinds(): readonly ExpertKind[] {
    return this.#kinds;
  }

  /** Bytes of all experts as they lie in memory. */
  get bytes(): number {
    return this.#kindOf.reduce((sum, k) => sum + this.#kinds[k]!.bytes, 0);
  }

  get tables(): ExpertTables | undefined {
    return this.#tables;
  }

  get streamed(): boolean {
    return this.#owner.length < this.#experts.length;
  }

  get counts(): StreamingCounts {
    return this.#counts;
  }

  /** Bits of the banks that hold slots. */
  get banks(): number {
    return this.#tables ? this.#tables.bankOf.reduce((bits, b) => bits | (1 << b), 0) : 0;
  }

  /** Adds an expert; its number. */
  add(expert: Expert): number {
    const kind = kindOf(expert);
    const text = JSON.stringify(kind);
    let index = this.#kinds.findIndex((k) => JSON.stringify(k) === text);
    if (index === -1) index = this.#kinds.push(kind) - 1;
    this.#kindOf.push(index);
    return this.#experts.push(expert) - 1;
  }

  kind(expert: number): ExpertKind {
    return this.#kinds[this.#kindOf[expert]!]!;
  }

  /** Makes slots for all experts, or for as many as `limit` bytes hold, leaving `headroom` free in every bank. */
  place(limit: number, headroom: number): void {
    const total = this.#experts.length;
    const bytes = Math.max(0, ...this.#kinds.map((k) => k.bytes));
    const slots = this.bytes <= limit ? total : Math.min(total, Math.floor(limit / bytes));
    // Streamed slots take any expert, so they are as large as the largest; resident ones fit their own.
    const streamed = slots < total;
    const places = Array.from({ length: slots }, (_, s) => {
      const size = streamed ? bytes : this.kind(s).bytes;
      return this.#banks.allocate(size, this.#banks.withRoom(size + headroom));
    });
    this.#tables = {
      slotOf: new Int32Array(shared(total)).fill(-1),
      bankOf: Int32Array.from(places, (p) => p.bank),
      at: Uint32Array.from(places, (p) => p.at),
      kindOf: Int32Array.from(this.#kindOf),
      kinds: this.#kinds,
      pins: new Int32Array(shared(slots)),
    };
    this.#owner = Array(slots).fill(-1);
    this.#lastUse = Array(slots).fill(0);
  }

  /** Loads all experts, where there is a slot for each. */
  async loadAll(onLoaded: (bytes: number) => void): Promise<void> {
    if (this.streamed) return;
    await inTurns(this.#experts.length, 4, async (e) => {
      await this.#read(e, e);
      onLoaded(PARTS.reduce((sum, part) => sum + weightBytes(this.#experts[e]![part].source), 0));
    });
  }

  /** Notes what a program used. */
  used(experts: readonly number[]): void {
    this.#counts.hits += experts.length;
    if (!this.streamed) return;
    this.#clock++;
    for (const e of experts) {
      const slot = this.#tables!.slotOf[e]!;
      if (slot >= 0) this.#lastUse[slot] = this.#clock;
    }
  }

  /** Brings experts into memory and pins each once, for the threads that wait for them. Error `engine/experts-do-not-fit`. */
  async fetch(experts: readonly number[]): Promise<void> {
    const start = performance.now();
    this.#clock++;
    this.#counts.misses += experts.length;
    this.#counts.hits -= experts.length;
    const brought = await Promise.allSettled(experts.map((e) => this.#bring(e, true)));
    this.#counts.waitedMs += performance.now() - start;
    const failed = brought.find((b) => b.status === "rejected");
    if (!failed) return;
    const { slotOf, pins } = this.#tables!;
    for (const [i, e] of experts.entries()) if (brought[i]!.status === "fulfilled") Atomics.sub(pins, slotOf[e]!, 1);
    throw failed.reason;
  }

  /** Starts to read experts that will probably be used, into slots unused for longer; nobody waits for it. */
  prefetch(experts: readonly number[]): void {
    if (!this.streamed) return;
    for (const e of experts)
      if (this.#tables!.slotOf[e]! < 0 && !this.#loading.has(e)) {
        this.#counts.prefetched++;
        this.#bring(e, false).catch(() => {});
      }
  }

  async #bring(expert: number, pin: boolean): Promise<void> {
    const { slotOf, pins } = this.#tables!;
    const under = this.#loading.get(expert);
    // A prefetch under way may fail or find no slot: then it is read again here, and fails with its own error.
    if (under) await under.catch(() => {});
    if (slotOf[expert]! < 0) {
      const slot = this.#vacate();
      const reading = this.#read(expert, slot);
      this.#loading.set(expert, reading);
      try {
        await reading;
      } finally {
        // Counted rather than set: a thread may be stepping back from its own attempt at this moment.
        Atomics.add(pins, slot, 1);
        this.#loading.delete(expert);
      }
    }
    const slot = slotOf[expert]!;
    this.#lastUse[slot] = this.#clock;
    if (pin) Atomics.add(pins, slot, 1);
  }

  /** The least recently used slot nobody holds, taken (its pin is -1). */
  #vacate(): number {
    const { slotOf, pins } = this.#tables!;
    const order = [...this.#lastUse.keys()].sort((a, b) => this.#lastUse[a]! - this.#lastUse[b]!);
    for (const slot of order) {
      if (Atomics.compareExchange(pins, slot, 0, -1) !== 0) continue;
      const owner = this.#owner[slot]!;
      if (owner >= 0) Atomics.store(slotOf, owner, -1);
      this.#owner[slot] = -1;
      return slot;
    }
    throw new TandemError("engine/experts-do-not-fit", { slots: this.#owner.length });
  }

  async #read(expert: number, slot: number): Promise<void> {
    const { slotOf, bankOf, at } = this.#tables!;
    const { offsets } = this.kind(expert);
    await Promise.all(
      PARTS.map((part) => {
        const { source, layout } = this.#experts[expert]![part];
        this.#counts.bytesRead += weightBytes(source);
        return this.#loader.load(source, layout, bankOf[slot]!, at[slot]! + offsets[part].data, at[slot]! + offsets[part].scale);
      }),
    );
    this.#owner[slot] = expert;
    Atomics.store(slotOf, expert, slot);
  }
}

/** Runs `work` for 0 … count - 1, at most `width` at a time; the first error stops it. */
export async function inTurns(count: number, width: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const turn = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, turn));
}
