import { CODE } from "./commands.ts";
import { type Command, type Plan, plan, type Value } from "./program.ts";

/** Plans kept: decoding goes round in a few, as windows of tokens are completed and stores moved. */
const KEPT = 32;

/** A plan with all that the next program of its shape differs in: where its scalars, constants and results are. */
interface Known {
  readonly shape: Int32Array;
  readonly plan: Plan;
  /** For each command recorded, the word of its first scalar. */
  readonly scalarsAt: Int32Array;
  /** For each value, by number: its place and first bank. */
  readonly offsets: Int32Array;
  readonly banks: Int32Array;
  readonly constants: readonly number[];
}

/**
 * Plans programs, and knows again those that differ from an earlier one in scalars and constants only: of tokens decoded one after the other
 * nearly all. What a plan decides follows from the program's shape: names, shares and banks of commands, sizes of values, who uses which.
 */
export class Plans {
  /** The one used last first. */
  readonly #known: Known[] = [];
  #shape = new Int32Array(1 << 14);
  #length = 0;
  readonly #values: Value[] = [];

  /** As `plan`. `read`: values whose places are asked for afterwards. */
  of(commands: readonly Command[], read: readonly Value[], arenaOf: (bank: number, bytes: number) => number): Plan {
    this.#describe(commands);
    const i = this.#known.findIndex(({ shape }) => this.#is(shape));
    const known = this.#known[i];
    if (known) this.#known.splice(i, 1);
    if (known && this.#sameArenas(known.plan, arenaOf)) {
      this.#known.unshift(known);
      return this.#again(known, commands, read);
    }
    const shape = this.#shape.slice(0, this.#length);
    const made = plan(commands, arenaOf);
    this.#known.unshift(this.#remember(shape, made, commands));
    if (this.#known.length > KEPT) this.#known.pop();
    return made;
  }

  #sameArenas({ arenas }: Plan, arenaOf: (bank: number, bytes: number) => number): boolean {
    return arenas.every(({ bank, bytes, at }) => arenaOf(bank, bytes) === at);
  }

  #again(
    { plan: { words, ...rest }, scalarsAt, offsets, banks, constants }: Known,
    commands: readonly Command[],
    read: readonly Value[],
  ): Plan {
    for (let c = 0; c < commands.length; c++) {
      const { scalars } = commands[c]!;
      const at = scalarsAt[c]!;
      for (let i = 0; i < scalars.length; i++) words[at + i] = scalars[i]!;
    }
    for (const v of read) {
      v.offset = offsets[v.number]!;
      v.banks = [banks[v.number]!];
    }
    return {
      ...rest,
      words,
      constants: constants.map((number) => {
        const v = this.#values[number]!;
        v.offset = offsets[number]!;
        return v;
      }),
    };
  }

  #remember(shape: Int32Array, made: Plan, commands: readonly Command[]): Known {
    const numbers = new Map(commands.map((c, i) => [c, i]));
    const scalarsAt = new Int32Array(commands.length);
    for (const { command, scalars } of made.placed) {
      // Transfers are the plan's own.
      const i = numbers.get(command);
      if (i !== undefined) scalarsAt[i] = scalars;
    }
    return {
      ...{ shape, plan: { ...made, placed: [], constants: [] }, scalarsAt },
      offsets: Int32Array.from(this.#values, (v) => v.offset),
      banks: Int32Array.from(this.#values, (v) => v.banks[0] ?? -1),
      constants: made.constants.map((v) => v.number),
    };
  }

  #is(shape: Int32Array): boolean {
    if (shape.length !== this.#length) return false;
    for (let i = 0; i < shape.length; i++) if (shape[i] !== this.#shape[i]) return false;
    return true;
  }

  /** Writes down the shape, and numbers the values as they come. */
  #describe(commands: readonly Command[]): void {
    for (const v of this.#values) v.number = -1;
    this.#values.length = 0;
    const values = this.#values;
    let shape = this.#shape;
    let n = 0;
    for (const c of commands) {
      const { outputs, inputs, scalars, reads = NONE, banks = NONE } = c;
      const needed = n + 8 + 3 * (outputs.length + inputs.length + reads.length) + banks.length;
      if (needed > shape.length) shape = this.#grow(needed);
      shape[n++] = CODE[c.name];
      shape[n++] = c.share;
      shape[n++] = c.bank ?? -1;
      shape[n++] = scalars.length;
      shape[n++] = outputs.length;
      for (let i = 0; i < outputs.length; i++) n = use(outputs[i]!, values, shape, n);
      shape[n++] = inputs.length;
      for (let i = 0; i < inputs.length; i++) n = use(inputs[i]!, values, shape, n);
      shape[n++] = reads.length;
      for (let i = 0; i < reads.length; i++) n = use(reads[i]!, values, shape, n);
      shape[n++] = banks.length;
      for (let i = 0; i < banks.length; i++) shape[n++] = banks[i]!;
    }
    this.#length = n;
  }

  #grow(needed: number): Int32Array<ArrayBuffer> {
    const larger = new Int32Array(2 * needed);
    larger.set(this.#shape);
    this.#shape = larger;
    return larger;
  }
}

const NONE: readonly never[] = [];

/** Writes down from word `n` on which value it is, and what there is to know of it when it comes first; the next word. */
function use(v: Value, values: Value[], shape: Int32Array, n: number): number {
  const known = v.number >= 0;
  if (!known) v.number = values.push(v) - 1;
  shape[n++] = v.number;
  if (known) return n;
  // A table of angles may have had a place in an earlier program.
  if (v.constant) v.offset = -1;
  shape[n++] = v.bytes;
  shape[n++] = (v.constant ? 1 : v.kept ? 2 : 0) | (((v.storeBank ?? -1) + 1) << 2);
  return n;
}
