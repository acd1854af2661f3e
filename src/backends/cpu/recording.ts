import { TandemError } from "../../errors.ts";
import { CODE, COMMANDS, type CommandName } from "./commands.ts";
import type { ExpertLayer } from "./expert-stream.ts";
import type { Value } from "./value.ts";

/** What a command may have besides outputs, inputs and scalars. */
export interface More {
  /** Bank it must run in because of a weight or store; absent: where its first input is. */
  readonly bank?: number | undefined;
  /** Read too, at addresses that travel in the other operands: stores. */
  readonly reads?: readonly Value[];
  /** Banks beyond its own in which it works, and in which its results then lie too. */
  readonly banks?: readonly number[];
  /** The routed experts that it and the commands after it use. */
  readonly experts?: ExpertLayer;
}

/** What is known of a value from a program's shape. */
export interface ShapeValue {
  readonly bytes: number;
  readonly constant: boolean;
  /** Asked for after the program has run. */
  readonly read: boolean;
  readonly storeBank: number | undefined;
}
/** A command as the shape tells it: scalars by the first of them among all, and how many. */
export interface ShapeCommand<V> {
  readonly name: CommandName;
  readonly share: number;
  readonly bank: number | undefined;
  readonly outputs: readonly V[];
  readonly inputs: readonly V[];
  readonly reads: readonly V[];
  readonly banks: readonly number[];
  readonly firstScalar: number;
  readonly scalars: number;
}

const NONE: readonly never[] = [];
const CONSTANT = 1;
const END = -1;

/**
 * The commands of a program, written down as they are asked for: their shape (names, shares and banks, sizes of values, who uses which), and
 * apart from it the scalars. As numbers in two long arrays, because a token has hundreds of commands: as objects they outlive the first
 * collections of garbage, V8 then makes them old from the start, and old ones keep what they refer to until all memory is swept.
 */
export class Recording {
  /** By number. */
  readonly values: Value[] = [];
  readonly experts: ExpertLayer[] = [];
  readonly #read: number[] = [];
  commands = 0;
  #shape = new Int32Array(1 << 14);
  #length = 0;
  #scalars = new Int32Array(1 << 13);
  #count = 0;

  /** `share`: rows it is split by, or -1 where it is split otherwise. Scalars are 32-bit words. */
  add(
    name: CommandName,
    share: number,
    outputs: readonly Value[],
    inputs: readonly Value[],
    scalars: readonly number[],
    { bank = -1, reads = NONE, banks = NONE, experts }: More,
  ): void {
    const shape = this.#room(9 + 3 * (outputs.length + inputs.length + reads.length) + banks.length);
    let n = this.#length;
    shape[n++] = CODE[name];
    shape[n++] = share;
    shape[n++] = bank;
    shape[n++] = scalars.length;
    n = this.#uses(outputs, shape, n);
    n = this.#uses(inputs, shape, n);
    n = this.#uses(reads, shape, n);
    shape[n++] = banks.length;
    for (let i = 0; i < banks.length; i++) shape[n++] = banks[i]!;
    this.#length = n;
    this.#addScalars(scalars);
    if (experts) this.experts.push(experts);
    this.commands++;
  }

  /** That the value will be asked for; its number. Error `internal` if no command has written it. */
  read(v: Value): number {
    if (v.number < 0) throw new TandemError("internal", { reason: "a tensor was read after its step" });
    this.#read.push(v.number);
    return v.number;
  }

  /** Nothing more comes: values may be numbered anew in the next recording. */
  close(): void {
    const shape = this.#room(2 + this.#read.length);
    shape[this.#length++] = END;
    for (const number of this.#read) shape[this.#length++] = number;
    shape[this.#length++] = this.#read.length;
    for (const v of this.values) v.number = -1;
  }

  /** Empty again, with its room. Only what is closed: its values may have other numbers by now. */
  clear(): void {
    this.values.length = this.experts.length = this.#read.length = 0;
    this.commands = this.#length = this.#count = 0;
  }

  get shape(): Int32Array {
    return this.#shape.subarray(0, this.#length);
  }

  get scalars(): Int32Array {
    return this.#scalars.subarray(0, this.#count);
  }

  #uses(list: readonly Value[], shape: Int32Array, n: number): number {
    shape[n++] = list.length;
    for (let i = 0; i < list.length; i++) {
      const v = list[i]!;
      const known = v.number >= 0;
      if (!known) v.number = this.values.push(v) - 1;
      shape[n++] = v.number;
      if (known) continue;
      shape[n++] = v.bytes;
      shape[n++] = (v.constant ? CONSTANT : 0) | (((v.storeBank ?? -1) + 1) << 1);
    }
    return n;
  }

  #addScalars(scalars: readonly number[]): void {
    const needed = this.#count + scalars.length;
    if (needed > this.#scalars.length) this.#scalars = grown(this.#scalars, needed);
    for (let i = 0; i < scalars.length; i++) this.#scalars[this.#count++] = scalars[i]!;
  }

  #room(words: number): Int32Array {
    const needed = this.#length + words;
    if (needed > this.#shape.length) this.#shape = grown(this.#shape, needed);
    return this.#shape;
  }
}

function grown(old: Int32Array, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * needed);
  larger.set(old);
  return larger;
}

/** Reads a shape back; `make` makes what stands for a value. */
export function parseShape<V>(shape: Int32Array, make: (value: ShapeValue) => V): { values: V[]; commands: ShapeCommand<V>[] } {
  const values: V[] = [];
  const commands: ShapeCommand<V>[] = [];
  const end = shape.length - 1;
  const read = new Set(shape.subarray(end - shape[end]!, end));
  let at = 0;
  const uses = (): V[] => {
    const list: V[] = [];
    for (let left = shape[at++]!; left > 0; left--) {
      const number = shape[at++]!;
      if (number === values.length) {
        const [bytes, flags] = [shape[at]!, shape[at + 1]!];
        at += 2;
        const storeBank = (flags >> 1) - 1;
        values.push(
          make({ bytes, constant: (flags & CONSTANT) !== 0, read: read.has(number), storeBank: storeBank < 0 ? undefined : storeBank }),
        );
      }
      list.push(values[number]!);
    }
    return list;
  };
  let firstScalar = 0;
  for (let code = shape[at++]!; code !== END; code = shape[at++]!) {
    const [share, bank, scalars] = [shape[at]!, shape[at + 1]!, shape[at + 2]!];
    at += 3;
    const [outputs, inputs, reads] = [uses(), uses(), uses()];
    const banks = [...shape.subarray(at + 1, at + 1 + shape[at]!)];
    at += 1 + banks.length;
    const where = bank < 0 ? undefined : bank;
    commands.push({ name: COMMANDS[code]!, share, bank: where, outputs, inputs, reads, banks, firstScalar, scalars });
    firstScalar += scalars;
  }
  return { values, commands };
}
