import { TandemError } from "../../errors.ts";
import type { StoreSpec } from "../../ops/index.ts";
import { CpuStore } from "./handles.ts";
import type { Banks, Place } from "./memory.ts";
import type { Recorder } from "./recorder.ts";
import { Value } from "./value.ts";

/** Rows a store makes room for at first. */
const FIRST_ROWS = 16;

/** From here on a store that keeps everything grows by a quarter instead of doubling: less lies idle, for a little more moving. */
const LARGE_BYTES = 1 << 20;

function roomFor({ spec, pitch }: CpuStore, rows: number): number {
  const grown = spec.retain === Number.POSITIVE_INFINITY && rows * pitch > LARGE_BYTES ? Math.ceil(1.25 * rows) : 2 * rows;
  return Math.max(FIRST_ROWS, grown) * pitch;
}

/** Memory of the stores. Places are decided when an operation is recorded; bytes move when the program runs. */
export class Stores {
  readonly #banks: Banks;
  readonly #recorder: () => Recorder;
  /** Stores nobody can reach any more give their memory back. */
  readonly #forgotten = new FinalizationRegistry<{ place: Place | undefined }>((held) => {
    if (held.place) this.#banks.release(held.place);
  });

  constructor(banks: Banks, recorder: () => Recorder) {
    this.#banks = banks;
    this.#recorder = recorder;
  }

  create(spec: StoreSpec, pitch: number): CpuStore {
    const store = new CpuStore(spec, pitch);
    this.#forgotten.register(store, store.held);
    return store;
  }

  /** Appends rows [first, first + count) of `x`, which has `rows`, after forgetting what the spec need not retain. */
  append(store: CpuStore, x: Value, rows: number, first: number, count: number): void {
    this.#attempt(() => {
      store.check();
      this.#makeRoom(store, count);
    });
    this.#recorder().runner.changes(store);
    this.#recorder().do("append", rows, [store.value!], [x], [rows, store.address(store.length), first, count, store.pitch]);
    store.length += count;
  }

  /** As if so many rows had been appended: for what is only imagined. */
  skip(store: CpuStore, count: number): void {
    this.#makeRoom(store, count);
    store.length += count;
  }

  /** What fails while a step is written down takes the whole step with it: a half-written one must not run. */
  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#recorder().runner.drop(error);
      throw error;
    }
  }

  #makeRoom(store: CpuStore, count: number): void {
    const end = store.length - store.start + count;
    if (store.place && end <= store.capacity) return;
    const start = Math.max(store.start, store.length - store.spec.retain);
    const kept = store.length - start;
    // Half of a store that forgets may be rows behind the window, so that they are moved once in a window's length, not at every row.
    if (store.place && 2 * (kept + count) <= store.capacity) this.#move(store, store.place, start);
    else this.#move(store, this.#banks.forStore(roomFor(store, kept + count), store.place?.bank ?? 0), start);
  }

  /** Moves the rows from `start` on to the beginning of `place`. */
  #move(store: CpuStore, place: Place, start: number): void {
    const { runner } = this.#recorder();
    runner.changes(store);
    const old = store.place;
    const bytes = (store.length - start) * store.pitch;
    const from = old ? store.address(start) : 0;
    const before = store.value;
    const value = before?.storeBank === place.bank ? before : new Value(0, { storeBank: place.bank });
    store.value = value;
    if (bytes > 0) this.#recorder().do("move", 1, [value], [], [1, place.at, old!.bank, from, bytes], { reads: [before!] });
    if (old && old !== place) runner.releaseAfter(old);
    store.place = place;
    store.start = start;
    store.capacity = Math.floor(place.bytes / store.pitch);
  }

  truncate(store: CpuStore, length: number): void {
    if (length > store.length || length < store.start)
      throw new TandemError("internal", { reason: `truncation to ${length} of a store holding ${store.start}…${store.length - 1}` });
    store.length = length;
  }

  clone(store: CpuStore): CpuStore {
    this.#attempt(() => store.check());
    const copy = this.create(store.spec, store.pitch);
    copy.length = store.length;
    copy.start = store.start;
    if (!store.place || store.length === store.start) {
      copy.start = store.length;
      return copy;
    }
    const bytes = (store.length - store.start) * store.pitch;
    const { bank } = store.place;
    const place = this.#attempt(() => this.#banks.forStore(bytes, bank));
    copy.value = new Value(0, { storeBank: place.bank });
    copy.place = place;
    copy.capacity = store.length - store.start;
    this.#recorder().runner.changes(copy);
    this.#recorder().do("move", 1, [copy.value], [], [1, place.at, store.place.bank, store.place.at, bytes], { reads: [store.value!] });
    return copy;
  }

  free(store: CpuStore): void {
    if (store.place) this.#recorder().runner.releaseAfter(store.place);
    store.place = undefined;
  }

  /** Stores an operation reads side by side, brought into one bank, that of the largest if it has room; their values. */
  together(stores: readonly CpuStore[]): Value[] {
    const held = [...new Set(stores)].filter((s) => s.place);
    this.#attempt(() => {
      for (const s of held) s.check();
      const bank = (s: CpuStore) => s.place!.bank;
      if (held.every((s) => bank(s) === bank(held[0]!))) return;
      const blocks = held.map((s) => ({ bank: bank(s), bytes: s.capacity * s.pitch }));
      const largest = blocks.reduce((most, b) => (b.bytes > most.bytes ? b : most));
      for (const [i, place] of this.#banks.together(blocks, largest.bank).entries()) if (place) this.#move(held[i]!, place, held[i]!.start);
    });
    return [...new Set(held.map((s) => s.value!))];
  }
}
