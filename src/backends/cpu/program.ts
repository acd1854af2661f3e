import { BARRIER, CODE, type CommandName, HEADER, SYNC } from "./commands.ts";
import type { ExpertLayer } from "./expert-stream.ts";
import { byLevel } from "./levels.ts";
import { blockBytes } from "./memory.ts";

/**
 * A program is what a model step asked for, written down before anything of it runs. Knowing all of it at once, the plan gives every
 * value a place in the arena for just as long as it is needed, puts barriers only where one thread reads what another wrote, and carries
 * values between banks.
 *
 * Threads share a command's work by rows (`share` ≥ 0: that many rows, split in one fixed way) or otherwise (`share` -1). A row written
 * and read under the same split stays with its thread, so a chain of row-wise commands needs no barrier.
 */

const NOWHERE: readonly number[] = [];

/** Numbers a command writes and later ones read. */
export class Value {
  readonly bytes: number;
  /** Contents known beforehand (token ids, tables of addresses). */
  readonly constant: Uint8Array | undefined;
  /** Lies in a store, in this bank, at addresses the commands carry themselves. Absent: a place in the arena. */
  readonly storeBank: number | undefined;
  /** Among the values of the program it is in now. */
  number = -1;
  /** Offset in the arena, once planned. */
  offset = -1;
  carried = false;
  lastUse = -1;
  kept = false;
  /** Banks in which it is up to date; a constant is in all. */
  banks: readonly number[] = NOWHERE;
  /** Where `byLevel` has it written and read last, and under which splits. */
  writeLevel = -1;
  writeSplit = -1;
  readLevel = -1;
  readSplit = -1;
  /** The same for the barriers of the plan. */
  writeEpoch = -1;
  writeShare = -1;
  readEpoch = -1;
  readShare = -1;

  constructor(bytes: number, options: { constant?: Uint8Array; storeBank?: number } = {}) {
    this.bytes = bytes;
    this.constant = options.constant;
    this.storeBank = options.storeBank;
  }
}

export interface Command {
  readonly name: CommandName;
  /** Rows it is split by; -1 where it is split otherwise. */
  readonly share: number;
  /** Bank it must run in because of a weight or store; absent: where its first input is. */
  readonly bank: number | undefined;
  readonly outputs: readonly Value[];
  readonly inputs: readonly Value[];
  readonly scalars: readonly number[];
  /** Read too, at addresses that travel in the other operands: stores. */
  readonly reads?: readonly Value[];
  /** Banks beyond its own in which it works, and in which its results then lie too. */
  readonly banks?: readonly number[];
  /** The routed experts that it and the commands after it use. */
  readonly experts?: ExpertLayer;
}

/** Scalars are 32-bit words; a float travels by its bits. */
const oneFloat = new Float32Array(1);
const itsBits = new Int32Array(oneFloat.buffer);
export function floatBits(v: number): number {
  oneFloat[0] = v;
  return itsBits[0]!;
}

export interface Plan {
  readonly words: Int32Array;
  readonly arenaBytes: number;
  readonly constants: readonly Value[];
  readonly counters: number;
  readonly barriers: number;
  /** Banks that commands run in: all their values are there. */
  readonly banks: ReadonlySet<number>;
  /** What was asked for of each bank's arena, and where it was. */
  readonly arenas: readonly { readonly bank: number; readonly bytes: number; readonly at: number }[];
  /** Commands in the order in which they run, and the word at which each one's scalars begin. */
  readonly placed: readonly { readonly command: Command; readonly scalars: number }[];
}

/** Free ranges of the arena, first fit. */
class Arena {
  size = 0;
  #free: { at: number; bytes: number }[] = [];

  take(bytes: number): number {
    const size = blockBytes(bytes);
    for (let i = 0; i < this.#free.length; i++) {
      const block = this.#free[i]!;
      if (block.bytes < size) continue;
      const { at } = block;
      block.at += size;
      block.bytes -= size;
      if (block.bytes === 0) this.#free.splice(i, 1);
      return at;
    }
    const at = this.size;
    this.size += size;
    return at;
  }

  give(at: number, bytes: number): void {
    const block = { at, bytes: blockBytes(bytes) };
    let i = this.#free.findIndex((b) => b.at > at);
    if (i === -1) i = this.#free.length;
    const [before, after] = [this.#free[i - 1], this.#free[i]];
    if (before && before.at + before.bytes === at) {
      before.bytes += block.bytes;
      if (after && before.at + before.bytes === after.at) {
        before.bytes += after.bytes;
        this.#free.splice(i, 1);
      }
    } else if (after && at + block.bytes === after.at) {
      after.at = at;
      after.bytes += block.bytes;
    } else this.#free.splice(i, 0, block);
  }
}

/**
 * Places, barriers and encoding of a program. Operand words of arena values hold offsets from the bank's arena; `arenaOf(bank)` is added by
 * `encode`, because the arena's place is known only once its size is.
 */
export function plan(recorded: readonly Command[], arenaOf: (bank: number, bytes: number) => number): Plan {
  const commands = byLevel(recorded);
  for (let i = 0; i < commands.length; i++) {
    for (const v of commands[i]!.outputs) v.lastUse = i;
    for (const v of commands[i]!.inputs) v.lastUse = i;
  }
  const planner = new Planner();
  // Constants are written before the first command runs, so their places may not be anyone else's before.
  for (const c of commands) planner.addConstants(c);
  for (let i = 0; i < commands.length; i++) planner.add(commands[i]!, i);
  return planner.finish(arenaOf);
}

/** Never repeats, so that marks left on stores by an earlier program mean nothing to the next. */
let epochs = 0;

interface Placed {
  readonly command: Command;
  readonly bank: number;
  readonly barrier: boolean;
  readonly slot: number;
}

class Planner {
  readonly #placed: Placed[] = [];
  readonly #arena = new Arena();
  /** Values that lie in further banks too come first in every arena, so that those banks need no more than them; none where there is one bank. */
  readonly #carried = new Arena();
  readonly #carriedBanks = new Set<number>();
  readonly #values: Value[] = [];
  readonly #constants: Value[] = [];
  /** Freed since the last barrier: a slower thread may still be reading them. */
  #dying: Value[] = [];
  #epoch = ++epochs;
  #bank = 0;
  readonly #banks = new Set<number>();
  #words = 0;

  addConstants(c: Command): void {
    for (const v of c.inputs) if (v.constant) this.#place(v, false);
  }

  add(c: Command, index: number): void {
    const bank = c.bank ?? this.#bankOf(c);
    this.#bank = bank;
    for (const v of c.inputs) this.#bring(v, bank, index);
    const carried = c.banks?.some((b) => b > 0) ?? false;
    for (const v of c.outputs) this.#place(v, carried);
    this.#emit(c, bank);
    for (const v of c.outputs) v.banks = [bank];
    this.#retire(c, index);
  }

  #bankOf(c: Command): number {
    // A store that is written before one that is read: its rows may come from another bank.
    const store = c.outputs[0]?.storeBank ?? c.reads?.[0]?.storeBank;
    if (store !== undefined) return store;
    const first = c.inputs.find((v) => !v.constant);
    return !first || first.banks.includes(this.#bank) ? this.#bank : (first.banks[0] ?? this.#bank);
  }

  /** Makes an input readable in `bank`. */
  #bring(v: Value, bank: number, index: number): void {
    this.#place(v, false);
    const [from] = v.banks;
    if (from === undefined || v.storeBank !== undefined || v.constant || v.banks.includes(bank)) return;
    this.#emit({ name: "transfer", share: -1, bank, outputs: [v], inputs: [v], scalars: [from, v.bytes] }, bank);
    v.banks = [...v.banks, bank];
    v.lastUse = Math.max(v.lastUse, index);
  }

  #place(v: Value, carried: boolean): void {
    if (v.storeBank !== undefined || v.offset >= 0) return;
    v.carried = carried;
    v.offset = (carried ? this.#carried : this.#arena).take(v.bytes);
    if (!carried) this.#values.push(v);
    if (!v.constant) return;
    this.#constants.push(v);
    v.kept = true;
  }

  #emit(command: Command, bank: number): void {
    const barrier = this.#needsBarrier(command);
    if (barrier) {
      this.#epoch = ++epochs;
      for (const v of this.#dying) (v.carried ? this.#carried : this.#arena).give(v.offset, v.bytes);
      this.#dying = [];
    }
    const { share } = command;
    for (const v of command.inputs) this.#noteRead(v, share);
    if (command.reads) for (const v of command.reads) this.#noteRead(v, share);
    for (const v of command.outputs) {
      v.writeShare = v.writeEpoch === this.#epoch && v.writeShare !== share ? -1 : share;
      v.writeEpoch = this.#epoch;
    }
    this.#placed.push({ command, bank, barrier, slot: this.#placed.length });
    this.#words += HEADER + command.outputs.length + command.inputs.length + command.scalars.length;
    this.#banks.add(bank);
    if (command.banks) for (const b of command.banks) this.#carriedBanks.add(b);
  }

  #noteRead(v: Value, share: number): void {
    v.readShare = v.readEpoch === this.#epoch && v.readShare !== share ? -1 : share;
    v.readEpoch = this.#epoch;
  }

  #needsBarrier({ share, inputs, outputs, reads }: Command): boolean {
    for (const v of inputs) if (this.#clash(v.writeEpoch, v.writeShare, share)) return true;
    if (reads) for (const v of reads) if (this.#clash(v.writeEpoch, v.writeShare, share)) return true;
    for (const v of outputs)
      if (this.#clash(v.writeEpoch, v.writeShare, share) || this.#clash(v.readEpoch, v.readShare, share)) return true;
    return false;
  }

  /** Whether something done since the last barrier, under the split `other`, may have been done by another thread than under `share`. */
  #clash(epoch: number, other: number, share: number): boolean {
    return epoch === this.#epoch && (share < 0 || other !== share);
  }

  #retire(c: Command, index: number): void {
    for (const v of c.outputs) this.#retireValue(v, index);
    for (const v of c.inputs) this.#retireValue(v, index);
  }

  #retireValue(v: Value, index: number): void {
    if (v.lastUse !== index || v.kept || v.storeBank !== undefined || v.offset < 0) return;
    // Once: a value may be among a command's inputs and outputs.
    v.lastUse = -1;
    this.#dying.push(v);
  }

  finish(arenaOf: (bank: number, bytes: number) => number): Plan {
    const arenaBytes = this.#carried.size + this.#arena.size;
    for (const v of this.#values) v.offset += this.#carried.size;
    const arenas: { bank: number; bytes: number; at: number }[] = [];
    const ask = (bank: number, bytes: number) => {
      const at = arenaOf(bank, bytes);
      arenas.push({ bank, bytes, at });
      return at;
    };
    for (const b of this.#carriedBanks) if (!this.#banks.has(b)) ask(b, this.#carried.size || arenaBytes);
    const bases = new Map(Array.from(this.#banks, (b) => [b, ask(b, arenaBytes)]));
    const placed: { command: Command; scalars: number }[] = [];
    const words = new Int32Array(this.#words);
    let at = 0;
    let barriers = 0;
    for (const { command: c, bank, barrier, slot } of this.#placed) {
      const start = at;
      if (barrier) barriers++;
      words[at++] = CODE[c.name] | (barrier ? BARRIER : 0);
      words[at++] = bank;
      words[at++] = SYNC.counters + slot;
      at++;
      const base = bases.get(bank)!;
      for (const v of c.outputs) words[at++] = base + v.offset;
      for (const v of c.inputs) words[at++] = base + v.offset;
      placed.push({ command: c, scalars: at });
      for (const s of c.scalars) words[at++] = s;
      words[start + 3] = at - start;
    }
    const counters = this.#placed.length;
    return { words, arenaBytes, constants: this.#constants, counters, barriers, banks: this.#banks, arenas, placed };
  }
}
