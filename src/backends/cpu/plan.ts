import { BARRIER, CODE, HEADER, SYNC } from "./commands.ts";
import { byLevel } from "./levels.ts";
import { blockBytes } from "./memory.ts";
import { parseShape, type ShapeCommand, type ShapeValue } from "./recording.ts";

/**
 * A program is what a model step asked for, written down before anything of it runs. Knowing all of it at once, the plan gives every
 * value a place in the arena for just as long as it is needed, puts barriers only where one thread reads what another wrote, and carries
 * values between banks.
 *
 * Threads share a command's work by rows (`share` ≥ 0: that many rows, split in one fixed way) or otherwise (`share` -1). A row written
 * and read under the same split stays with its thread, so a chain of row-wise commands needs no barrier.
 */

const NOWHERE: readonly number[] = [];

/** A value while its program is planned. */
export class PlanValue {
  readonly bytes: number;
  readonly constant: boolean;
  readonly storeBank: number | undefined;
  /** Offset in the arena, once planned. */
  offset = -1;
  carried = false;
  lastUse = -1;
  /** Its place is no other's: it is read afterwards, or written before. */
  readonly kept: boolean;
  /** Banks in which it is up to date; a constant is in all. */
  banks: readonly number[] = NOWHERE;
  /** Where `byLevel` has it written and read last, and under which splits. */
  writeLevel = -1;
  writeSplit = -1;
  readLevel = -1;
  readSplit = -1;
  /** The same between the barriers of the plan. */
  writeEpoch = -1;
  writeShare = -1;
  readEpoch = -1;
  readShare = -1;

  constructor({ bytes, constant, storeBank, read }: ShapeValue) {
    this.bytes = bytes;
    this.constant = constant;
    this.storeBank = storeBank;
    this.kept = constant || read;
  }
}

/** Without a recorded scalar (`firstScalar` < 0): the plan's own. */
export type PlanCommand = ShapeCommand<PlanValue>;

/** What follows from a program's shape and the places of the arenas. Values by number. */
export interface Plan {
  /** The program but for the recorded scalars. */
  readonly words: Int32Array;
  /** For each scalar of the recording its word. */
  readonly scalarsAt: Int32Array;
  readonly arenaBytes: number;
  /** To be written before it runs. */
  readonly constants: readonly { readonly number: number; readonly offset: number }[];
  /** Offset and bank of each value. */
  readonly offsets: Int32Array;
  readonly valueBanks: Int32Array;
  readonly counters: number;
  readonly barriers: number;
  /** Banks that commands run in: all their values are there. */
  readonly banks: ReadonlySet<number>;
  /** What was asked for of each bank's arena, and where it was. */
  readonly arenas: readonly { readonly bank: number; readonly bytes: number; readonly at: number }[];
}

/** Where a bank's arena is, at least so many bytes long. */
export type ArenaOf = (bank: number, bytes: number) => number;

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

/** Places, barriers and encoding of a program of this shape. */
export function plan(shape: Int32Array, arenaOf: ArenaOf): Plan {
  const { values, commands: recorded } = parseShape(shape, (v) => new PlanValue(v));
  const commands = byLevel(recorded);
  for (let i = 0; i < commands.length; i++) {
    for (const v of commands[i]!.outputs) v.lastUse = i;
    for (const v of commands[i]!.inputs) v.lastUse = i;
  }
  const planner = new Planner();
  // Constants are written before the first command runs, so their places may not be anyone else's before.
  for (const c of commands) planner.addConstants(c);
  for (let i = 0; i < commands.length; i++) planner.add(commands[i]!, i);
  return planner.finish(values, arenaOf);
}

interface Placed {
  readonly command: PlanCommand;
  readonly bank: number;
  readonly barrier: boolean;
  /** Of a command of the plan's own. */
  readonly scalars: readonly number[] | undefined;
}

class Planner {
  readonly #placed: Placed[] = [];
  readonly #arena = new Arena();
  /** Values that lie in further banks too come first in every arena, so that those banks need no more than them; none where there is one bank. */
  readonly #carried = new Arena();
  readonly #carriedBanks = new Set<number>();
  /** Freed since the last barrier: a slower thread may still be reading them. */
  #dying: PlanValue[] = [];
  #epoch = 0;
  #bank = 0;
  readonly #banks = new Set<number>();

  addConstants(c: PlanCommand): void {
    for (const v of c.inputs) if (v.constant) this.#place(v, false);
  }

  add(c: PlanCommand, index: number): void {
    const bank = c.bank ?? this.#bankOf(c);
    this.#bank = bank;
    for (const v of c.inputs) this.#bring(v, bank, index);
    const carried = c.banks.some((b) => b > 0);
    for (const v of c.outputs) this.#place(v, carried);
    this.#emit(c, bank);
    for (const v of c.outputs) v.banks = [bank];
    for (const v of c.outputs) this.#retire(v, index);
    for (const v of c.inputs) this.#retire(v, index);
  }

  #bankOf(c: PlanCommand): number {
    // A store that is written before one that is read: its rows may come from another bank.
    const store = c.outputs[0]?.storeBank ?? c.reads[0]?.storeBank;
    if (store !== undefined) return store;
    const first = c.inputs.find((v) => !v.constant);
    return !first || first.banks.includes(this.#bank) ? this.#bank : (first.banks[0] ?? this.#bank);
  }

  /** Makes an input readable in `bank`. */
  #bring(v: PlanValue, bank: number, index: number): void {
    this.#place(v, false);
    const [from] = v.banks;
    if (from === undefined || v.storeBank !== undefined || v.constant || v.banks.includes(bank)) return;
    const scalars = [from, v.bytes];
    const own = { share: -1, bank, outputs: [v], inputs: [v], reads: [], banks: [], firstScalar: -1, scalars: scalars.length };
    this.#emit({ name: "transfer", ...own }, bank, scalars);
    v.banks = [...v.banks, bank];
    v.lastUse = Math.max(v.lastUse, index);
  }

  #place(v: PlanValue, carried: boolean): void {
    if (v.storeBank !== undefined || v.offset >= 0) return;
    v.carried = carried;
    v.offset = (carried ? this.#carried : this.#arena).take(v.bytes);
  }

  #emit(command: PlanCommand, bank: number, scalars?: readonly number[]): void {
    const barrier = this.#needsBarrier(command);
    if (barrier) {
      this.#epoch++;
      for (const v of this.#dying) (v.carried ? this.#carried : this.#arena).give(v.offset, v.bytes);
      this.#dying = [];
    }
    const { share } = command;
    for (const v of command.inputs) this.#noteRead(v, share);
    for (const v of command.reads) this.#noteRead(v, share);
    for (const v of command.outputs) {
      v.writeShare = v.writeEpoch === this.#epoch && v.writeShare !== share ? -1 : share;
      v.writeEpoch = this.#epoch;
    }
    this.#placed.push({ command, bank, barrier, scalars });
    this.#banks.add(bank);
    for (const b of command.banks) this.#carriedBanks.add(b);
  }

  #noteRead(v: PlanValue, share: number): void {
    v.readShare = v.readEpoch === this.#epoch && v.readShare !== share ? -1 : share;
    v.readEpoch = this.#epoch;
  }

  #needsBarrier({ share, inputs, outputs, reads }: PlanCommand): boolean {
    for (const v of inputs) if (this.#clash(v.writeEpoch, v.writeShare, share)) return true;
    for (const v of reads) if (this.#clash(v.writeEpoch, v.writeShare, share)) return true;
    for (const v of outputs)
      if (this.#clash(v.writeEpoch, v.writeShare, share) || this.#clash(v.readEpoch, v.readShare, share)) return true;
    return false;
  }

  /** Whether something done since the last barrier, under the split `other`, may have been done by another thread than under `share`. */
  #clash(epoch: number, other: number, share: number): boolean {
    return epoch === this.#epoch && (share < 0 || other !== share);
  }

  #retire(v: PlanValue, index: number): void {
    if (v.lastUse !== index || v.kept || v.storeBank !== undefined || v.offset < 0) return;
    // Once: a value may be among a command's inputs and outputs.
    v.lastUse = -1;
    this.#dying.push(v);
  }

  finish(values: readonly PlanValue[], arenaOf: ArenaOf): Plan {
    const arenaBytes = this.#carried.size + this.#arena.size;
    for (const v of values) if (v.storeBank === undefined && !v.carried && v.offset >= 0) v.offset += this.#carried.size;
    const arenas: { bank: number; bytes: number; at: number }[] = [];
    const ask = (bank: number, bytes: number) => {
      const at = arenaOf(bank, bytes);
      arenas.push({ bank, bytes, at });
      return at;
    };
    for (const b of this.#carriedBanks) if (!this.#banks.has(b)) ask(b, this.#carried.size || arenaBytes);
    const bases = new Map(Array.from(this.#banks, (b) => [b, ask(b, arenaBytes)]));
    return {
      ...this.#encode(bases),
      arenaBytes,
      constants: values.flatMap(({ constant, offset }, number) => (constant ? [{ number, offset }] : [])),
      offsets: Int32Array.from(values, (v) => v.offset),
      valueBanks: Int32Array.from(values, (v) => v.banks[0] ?? -1),
      counters: this.#placed.length,
      barriers: this.#placed.filter(({ barrier }) => barrier).length,
      banks: this.#banks,
      arenas,
    };
  }

  #encode(bases: ReadonlyMap<number, number>): Pick<Plan, "words" | "scalarsAt"> {
    const words: number[] = [];
    const scalarsAt: number[] = [];
    for (const [slot, { command: c, bank, barrier, scalars }] of this.#placed.entries()) {
      const length = HEADER + c.outputs.length + c.inputs.length + c.scalars;
      words.push(CODE[c.name] | (barrier ? BARRIER : 0), bank, SYNC.counters + slot, length);
      const base = bases.get(bank)!;
      for (const v of c.outputs) words.push(base + v.offset);
      for (const v of c.inputs) words.push(base + v.offset);
      for (let i = 0; i < c.scalars; i++) {
        if (!scalars) scalarsAt[c.firstScalar + i] = words.length;
        words.push(scalars?.[i] ?? 0);
      }
    }
    return { words: Int32Array.from(words), scalarsAt: Int32Array.from(scalarsAt) };
  }
}
