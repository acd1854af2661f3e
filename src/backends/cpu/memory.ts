import { TandemError } from "../../errors.ts";

const PAGE = 65536;
/** 65536 pages: what 32-bit addresses reach. The last page stays unused, so that no kernel's look past an array's end can leave the memory. */
const MAX_BYTES = (65536 - 1) * PAGE;
/** Kernels keep nothing below; address 0 stands for "none". */
const FIRST = 1024;
/** A cache line; also what kernels may look past the end of an array. */
const LINE = 64;

export const aligned = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

/** One shared WebAssembly memory of up to 4 GiB with a heap in it. Weights too many for one bank lie in several. */
export class Bank {
  readonly memory: WebAssembly.Memory;
  #end = FIRST;
  readonly #free: { at: number; bytes: number }[] = [];

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  }

  /** Bytes ever handed out: what the memory has grown to. */
  get size(): number {
    return this.#end;
  }

  get room(): number {
    return MAX_BYTES - this.#end;
  }

  /** Address of a block, 64-byte aligned with 64 readable bytes behind it; undefined if the bank is full. Contents are undefined. */
  allocate(bytes: number): number | undefined {
    const size = aligned(bytes + LINE);
    let best: { at: number; bytes: number } | undefined;
    for (const block of this.#free) if (block.bytes >= size && (!best || block.bytes < best.bytes)) best = block;
    if (best) {
      const { at } = best;
      best.at += size;
      best.bytes -= size;
      if (best.bytes === 0) this.#free.splice(this.#free.indexOf(best), 1);
      return at;
    }
    if (size > this.room) return undefined;
    const at = this.#end;
    this.#reach(at + size);
    this.#end = at + size;
    return at;
  }

  release(at: number, bytes: number): void {
    const block = { at, bytes: aligned(bytes + LINE) };
    // Neighbours merge, so that stores which double leave one growing hole rather than many small ones.
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const other = this.#free[i]!;
      if (other.at + other.bytes === block.at) block.at = other.at;
      else if (block.at + block.bytes !== other.at) continue;
      block.bytes += other.bytes;
      this.#free.splice(i, 1);
    }
    this.#free.push(block);
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at, length);
  }

  #reach(end: number): void {
    const missing = Math.ceil((end + PAGE) / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw new TandemError("engine/out-of-memory", { bytes: missing * PAGE }, { cause });
    }
  }
}

/** All banks of one interpreter. */
export class Banks {
  readonly list: Bank[] = [new Bank()];
  readonly #onNew: (bank: Bank) => void;
  #common = { at: 0, bytes: 0 };

  constructor(onNew: (bank: Bank) => void) {
    this.#onNew = onNew;
    onNew(this.list[0]!);
  }

  /** Sets aside bytes that every bank, also later ones, holds a copy of at the returned address. Before anything else is allocated. */
  reserve(bytes: number): number {
    const at = this.list[0]!.allocate(bytes)!;
    this.#common = { at, bytes };
    return at;
  }

  /** Copies what was reserved from the first bank to the others. */
  spread(): void {
    const { at, bytes } = this.#common;
    for (const bank of this.list.slice(1)) bank.bytes(at, bytes).set(this.list[0]!.bytes(at, bytes));
  }

  /** Index of a bank with so much room, or all a new one has: the last one, or a new one. */
  withRoom(bytes: number): number {
    const last = this.list.length - 1;
    const most = MAX_BYTES - FIRST - aligned(this.#common.bytes + LINE);
    return this.list[last]!.room >= Math.min(bytes, most) ? last : this.#grow();
  }

  #grow(): number {
    const bank = new Bank();
    bank.allocate(this.#common.bytes);
    this.list.push(bank);
    this.spread();
    this.#onNew(bank);
    return this.list.length - 1;
  }

  /** A block in bank `preferred` if it has room, else in the first that has, else in a new one. */
  allocate(bytes: number, preferred = 0): Place {
    const order = [preferred, ...this.list.keys()];
    for (const bank of order) {
      const at = this.list[bank]?.allocate(bytes);
      if (at !== undefined) return { bank, at, bytes };
    }
    const bank = this.#grow();
    const at = this.list[bank]!.allocate(bytes);
    if (at === undefined) throw new TandemError("engine/out-of-memory", { bytes });
    return { bank, at, bytes };
  }

  release({ bank, at, bytes }: Place): void {
    this.list[bank]!.release(at, bytes);
  }

  bytes({ bank, at, bytes }: Place): Uint8Array {
    return this.list[bank]!.bytes(at, bytes);
  }

  get size(): number {
    return this.list.reduce((sum, bank) => sum + bank.size, 0);
  }
}

/** Where a block lies. */
export interface Place {
  readonly bank: number;
  readonly at: number;
  readonly bytes: number;
}
