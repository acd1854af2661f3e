import { TandemError } from "../../errors.ts";

const PAGE = 65536;
/** What 32-bit addresses reach. */
export const MAX_BANK_BYTES = 65536 * PAGE;
/** Kernels keep nothing below; address 0 stands for "none". */
const FIRST = 1024;
/** A cache line; also what kernels may look past the end of an array. */
const LINE = 64;

export const aligned = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;
/** What a block of so many bytes takes of a bank. */
export const blockBytes = (bytes: number): number => aligned(bytes + LINE);

/** Where a block lies. */
export interface Place {
  readonly bank: number;
  readonly at: number;
  readonly bytes: number;
}

export interface BankOptions {
  /** Size of a bank, at most and by default 4 GiB: for machines that refuse large memories, and for tests. */
  readonly bankBytes?: number;
  /** Addresses without memory behind them: nothing is loaded or computed, but `counts` tells how much memory it would take. */
  readonly imagined?: boolean;
}

/** One shared WebAssembly memory of up to 4 GiB with a heap in it. Weights too many for one bank lie in several. */
export class Bank {
  readonly #memory: WebAssembly.Memory | undefined;
  /** The last page stays unused, so that no kernel's look past an array's end can leave the memory. */
  readonly #most: number;
  #end = FIRST;
  #peak = FIRST;
  readonly #free: { at: number; bytes: number }[] = [];

  constructor({ bankBytes = MAX_BANK_BYTES, imagined = false }: BankOptions) {
    const pages = Math.max(2, Math.floor(bankBytes / PAGE));
    this.#most = (pages - 1) * PAGE;
    if (imagined) return;
    try {
      this.#memory = new WebAssembly.Memory({ initial: 1, maximum: pages, shared: true });
    } catch (cause) {
      throw new TandemError("engine/out-of-memory", { bytes: PAGE }, { cause });
    }
  }

  get memory(): WebAssembly.Memory {
    if (!this.#memory) throw new TandemError("internal", { reason: "an imagined bank has no memory" });
    return this.#memory;
  }

  /** What has been handed out at most: what the memory has grown to. */
  get size(): number {
    return this.#peak;
  }

  get room(): number {
    return this.#most - this.#end;
  }

  /** Address of a block, 64-byte aligned with 64 readable bytes behind it; undefined if the bank then had less than `spare` left. Contents are undefined. */
  allocate(bytes: number, spare = 0): number | undefined {
    const size = blockBytes(bytes);
    let best: { at: number; bytes: number } | undefined;
    for (const block of this.#free) if (block.bytes >= size && (!best || block.bytes < best.bytes)) best = block;
    if (best) {
      const { at } = best;
      best.at += size;
      best.bytes -= size;
      if (best.bytes === 0) this.#free.splice(this.#free.indexOf(best), 1);
      return at;
    }
    // Imagined, even what fits nowhere has a size.
    if (size + spare > this.room && (this.#memory || spare > 0)) return undefined;
    const at = this.#end;
    this.#reach(at + size);
    this.#end = at + size;
    this.#peak = Math.max(this.#peak, this.#end);
    return at;
  }

  release(at: number, bytes: number): void {
    const block = { at, bytes: blockBytes(bytes) };
    // Neighbours merge, so that stores which double leave one growing hole rather than many small ones.
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const other = this.#free[i]!;
      if (other.at + other.bytes === block.at) block.at = other.at;
      else if (block.at + block.bytes !== other.at) continue;
      block.bytes += other.bytes;
      this.#free.splice(i, 1);
    }
    if (block.at + block.bytes === this.#end) this.#end = block.at;
    else this.#free.push(block);
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  int32(at: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, count);
  }

  #reach(end: number): void {
    if (!this.#memory) return;
    const missing = Math.ceil((end + PAGE) / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (missing <= 0) return;
    try {
      this.#memory.grow(missing);
    } catch (cause) {
      throw new TandemError("engine/out-of-memory", { bytes: missing * PAGE }, { cause });
    }
  }
}

/** All banks of one interpreter. Where weights need more than one, each keeps room for the values of a step and for stores. */
export class Banks {
  readonly list: Bank[] = [];
  readonly #onNew: (bank: Bank) => void;
  readonly #options: BankOptions;
  readonly #bankBytes: number;
  readonly #headroom: number;
  #common = { at: 0, bytes: 0 };

  constructor(onNew: (bank: Bank) => void, options: BankOptions = {}) {
    this.#onNew = onNew;
    this.#options = options;
    this.#bankBytes = options.bankBytes ?? MAX_BANK_BYTES;
    // 768 MiB of 4 GiB.
    this.#headroom = (3 / 16) * this.#bankBytes;
    this.#grow();
  }

  get imagined(): boolean {
    return this.#options.imagined ?? false;
  }

  /** Sets aside bytes that every bank, also later ones, holds a copy of at the returned address. Before anything else is allocated. */
  reserve(bytes: number): number {
    const at = this.list[0]!.allocate(bytes);
    if (at === undefined) throw new TandemError("engine/out-of-memory", { bytes });
    this.#common = { at, bytes };
    return at;
  }

  /** Copies what was reserved from the first bank to the others. */
  spread(): void {
    const { at, bytes } = this.#common;
    for (const bank of this.list.slice(1)) bank.bytes(at, bytes).set(this.list[0]!.bytes(at, bytes));
  }

  #grow(): number {
    const bank = new Bank(this.#options);
    if (this.#common.bytes > 0 && bank.allocate(this.#common.bytes) !== undefined && !this.imagined)
      bank.bytes(this.#common.at, this.#common.bytes).set(this.list[0]!.bytes(this.#common.at, this.#common.bytes));
    if (!this.imagined) this.#onNew(bank);
    return this.list.push(bank) - 1;
  }

  /** A block in this very bank; undefined if it is full. */
  allocateIn(bank: number, bytes: number): Place | undefined {
    const at = this.list[bank]!.allocate(bytes);
    return at === undefined ? undefined : { bank, at, bytes };
  }

  /** A block for weights: in the last bank or a new one; `together` bytes, itself included, will lie in one bank if one can hold them. */
  forWeights(bytes: number, together = bytes): Place {
    const last = this.list.length - 1;
    const more = together + this.#common.bytes + this.#headroom + 2 * PAGE < this.#bankBytes ? together - bytes : 0;
    const place = this.#take(last, bytes, more + this.#headroom) ?? this.#take(this.#grow(), bytes, 0);
    if (!place) throw new TandemError("engine/out-of-memory", { bytes });
    return place;
  }

  /** A block for a store: in bank `preferred`, else in the first that has room, else in a new one. */
  forStore(bytes: number, preferred: number): Place {
    const order = [preferred, ...this.list.keys()];
    for (const bank of order) {
      const place = this.#take(bank, bytes, this.#headroom);
      if (place) return place;
    }
    const place = this.#take(this.#grow(), bytes, 0);
    if (!place) throw new TandemError("engine/out-of-memory", { bytes });
    return place;
  }

  /** New blocks in one bank for those that lie elsewhere: in `preferred`, else in the first that has room, else in a new one. */
  together(blocks: readonly { readonly bank: number; readonly bytes: number }[], preferred: number): (Place | undefined)[] {
    const attempt = (bank: number, spare: number) => {
      const places = blocks.map((b) => (b.bank === bank ? undefined : this.#take(bank, b.bytes, spare)));
      if (blocks.every((b, i) => b.bank === bank || places[i])) return places;
      for (const place of places) if (place) this.release(place);
      return undefined;
    };
    for (const bank of [preferred, ...this.list.keys()]) {
      const places = attempt(bank, this.#headroom);
      if (places) return places;
    }
    const places = attempt(this.#grow(), 0);
    if (places) return places;
    throw new TandemError("engine/out-of-memory", { bytes: blocks.reduce((sum, b) => sum + b.bytes, 0) });
  }

  #take(bank: number, bytes: number, spare: number): Place | undefined {
    const at = this.list[bank]!.allocate(bytes, spare);
    return at === undefined ? undefined : { bank, at, bytes };
  }

  release({ bank, at, bytes }: Place): void {
    this.list[bank]!.release(at, bytes);
  }

  get size(): number {
    return this.list.reduce((sum, bank) => sum + bank.size, 0);
  }
}
