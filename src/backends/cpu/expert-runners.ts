import type { ExpertKind, ExpertTables } from "./expert-tables.ts";
import type { Lane } from "./lane.ts";
import type { MatrixLayout } from "./layout.ts";
import { PREPARE, PREPARED, PRODUCTS, ROUNDINGS } from "./products.ts";
import type { Runner } from "./runners.ts";

/**
 * Routed experts. `group` sorts the (row, choice) slots of a step by expert; every expert in use then runs once on all rows that chose it:
 * its rows gathered, gate and up, hidden rows rounded, down; at last each row sums its experts in ascending order. Experts may lie in any
 * bank: their inputs are carried there, their results back.
 *
 * Lists made by `group`, int32: slots sorted by expert [slots] · sorted position of each slot [slots] · experts in use (1) ·
 * their local numbers [slots] · where each one's rows begin in the sorted order [slots + 1].
 */
export const listWords = (slots: number): number => 4 * slots + 2;

class Lists {
  readonly #all: Int32Array;
  readonly #slots: number;

  constructor(l: Lane, bank: number, at: number, slots: number) {
    this.#all = l.int32(bank, at, listWords(slots));
    this.#slots = slots;
  }

  /** Slot at a place of the sorted order. */
  order(i: number): number {
    return this.#all[i]!;
  }
  /** Place of a slot in the sorted order. */
  position(slot: number): number {
    return this.#all[this.#slots + slot]!;
  }
  /** How many experts are in use. */
  get active(): number {
    return this.#all[2 * this.#slots]!;
  }
  /** Local number of the a-th of them. */
  expert(a: number): number {
    return this.#all[2 * this.#slots + 1 + a]!;
  }
  /** Where its rows begin. */
  start(a: number): number {
    return this.#all[3 * this.#slots + 1 + a]!;
  }

  put(slot: number, i: number): void {
    this.#all[i] = slot;
    this.#all[this.#slots + slot] = i;
  }
  use(a: number, expert: number, start: number): void {
    this.#all[2 * this.#slots + 1 + a] = expert;
    this.#all[3 * this.#slots + 1 + a] = start;
  }
  end(active: number): void {
    this.#all[2 * this.#slots] = active;
    this.#all[3 * this.#slots + 1 + active] = this.#slots;
  }
  get experts(): number[] {
    return Array.from({ length: this.active }, (_, a) => this.expert(a));
  }
}

/** One expert in use: where it lies and which sorted rows are its own. */
class InUse {
  readonly kind: ExpertKind;
  readonly bank: number;
  readonly at: number;
  /** What to add to an arena address of the command's bank to get the same place in the expert's bank. */
  readonly shift: number;

  constructor(l: Lane, expert: number) {
    const tables = l.tables!;
    const slot = tables.slotOf[expert]!;
    this.kind = tables.kinds[tables.kindOf[expert]!]!;
    this.bank = tables.bankOf[slot]!;
    this.at = tables.at[slot]!;
    this.shift = l.arenas[this.bank]! - l.arenas[l.bank]!;
  }
}

/** Holds an expert in memory until `unpin`; false if it is not there. */
function pin({ slotOf, pins }: ExpertTables, expert: number): boolean {
  const slot = Atomics.load(slotOf, expert);
  if (slot < 0) return false;
  // The coordinator takes a slot only from 0; if it was quicker, the count is below zero or the slot is no longer this expert's.
  if (Atomics.add(pins, slot, 1) >= 0 && Atomics.load(slotOf, expert) === slot) return true;
  Atomics.sub(pins, slot, 1);
  return false;
}

/** Lets go of the experts of the layer before, or of the program before; all threads are past it. */
function unpin(l: Lane): void {
  for (const expert of l.pinned.splice(0)) Atomics.sub(l.tables!.pins, l.tables!.slotOf[expert]!, 1);
}

/** outs: lists; ins: ids; scalars: slots, experts in all, number of the first. */
export const group: Runner = (l, p) => {
  if (!l.share(1)) return;
  const w = l.words;
  const [slots, experts, first] = [w[p + 2]!, w[p + 3]!, w[p + 4]!];
  const ids = l.int32(l.bank, w[p + 1]!, slots);
  const lists = new Lists(l, l.bank, w[p]!, slots);
  const counts = new Int32Array(experts + 1);
  for (const id of ids) counts[id + 1]!++;
  let active = 0;
  for (let e = 0; e < experts; e++) {
    if (counts[e + 1]! > 0) {
      lists.use(active++, e, counts[e]!);
    }
    counts[e + 1]! += counts[e]!;
  }
  lists.end(active);
  for (let s = 0; s < slots; s++) lists.put(s, counts[ids[s]!]!++);
  if (l.tables!.streamed) hold(l, first, lists.experts);
};

/** Has the experts of a layer in memory, pinned, before anyone looks for them. */
function hold(l: Lane, first: number, experts: readonly number[]): void {
  unpin(l);
  const used = experts.map((e) => first + e);
  const missing: number[] = [];
  for (const e of used) (pin(l.tables!, e) ? l.pinned : missing).push(e);
  l.ask({ first, used, missing });
  l.pinned.push(...missing);
}

/** outs: gathered; ins: prepared rows, lists; scalars: slots, per token, pitch, number of the first expert. */
export const expertGather: Runner = (l, p) => {
  const w = l.words;
  const [to, from, slots, perToken, pitch, first] = [w[p]! >>> 0, w[p + 1]! >>> 0, w[p + 3]!, w[p + 4]!, w[p + 5]!, w[p + 6]!];
  const lists = new Lists(l, l.bank, w[p + 2]!, slots);
  const source = l.view(l.bank);
  for (let a = 0; a < lists.active; a++) {
    const expert = new InUse(l, first + lists.expert(a));
    for (let i = lists.start(a); i < lists.start(a + 1); i++) {
      if (i % l.threads !== l.me) continue;
      const at = from + Math.floor(lists.order(i) / perToken) * pitch;
      l.view(expert.bank).set(source.subarray(at, at + pitch), to + expert.shift + i * pitch);
    }
  }
};

/** Shares out, piece by piece, the outputs of all experts in use. */
function pieces(
  l: Lane,
  lists: Lists,
  first: number,
  outputs: number,
  chunk: number,
  run: (e: InUse, a: number, begin: number, end: number) => void,
): void {
  const perExpert = Math.ceil(outputs / chunk);
  let a = -1;
  let expert: InUse | undefined;
  while (l.claim(lists.active * perExpert, 1)) {
    const next = Math.floor(l.begin / perExpert);
    if (next !== a) {
      a = next;
      expert = new InUse(l, first + lists.expert(a));
    }
    const begin = (l.begin % perExpert) * chunk;
    run(expert!, a, begin, Math.min(begin + chunk, outputs));
  }
}

/** Outputs [begin, end) of one of an expert's matrices, for rows that lie side by side. `at`: of the expert's slot. */
function multiply(
  product: (typeof PRODUCTS)[number],
  run: (...args: number[]) => number,
  { rows, columns, blockRows, blockColumns, scaleF32 }: MatrixLayout,
  at: number,
  { data, scale }: { readonly data: number; readonly scale: number },
  y: number,
  x: number,
  pitch: number,
  tokens: number,
  begin: number,
  end: number,
  bf16: number,
): void {
  product.call(
    run,
    y,
    4 * rows,
    x,
    pitch,
    tokens,
    at + data,
    at + scale,
    columns,
    begin,
    end,
    bf16,
    blockRows,
    blockColumns,
    scaleF32 ? 1 : 0,
  );
}

/** outs: gate, up, hidden; ins: gathered, lists, routing weights; scalars: slots, first, pitch (0: one row for all), inner width, product, limit, bf16 products, bf16 activations, chunk. */
export const expertUp: Runner = (l, p) => {
  const w = l.words;
  const [gate, up, hidden, x] = [w[p]!, w[p + 1]!, w[p + 2]!, w[p + 3]!];
  const [slots, first, pitch, inner, product, limit] = [
    w[p + 6]!,
    w[p + 7]!,
    w[p + 8]!,
    w[p + 9]!,
    PRODUCTS[w[p + 10]!]!,
    l.floats[p + 11]!,
  ];
  const [bf16Product, bf16, chunk] = [w[p + 12]!, w[p + 13]!, w[p + 14]!];
  const lists = new Lists(l, l.bank, w[p + 4]!, slots);
  const weights = l.float32(l.bank, w[p + 5]!, slots);
  pieces(l, lists, first, inner, chunk, ({ kind, bank, at, shift }, a, begin, end) => {
    const k = l.kernels(bank);
    const start = lists.start(a);
    const tokens = lists.start(a + 1) - start;
    const rows = shift + 4 * inner * start;
    const run = k[product.kernel]!;
    const input = x + shift + pitch * start;
    multiply(product, run, kind.w1, at, kind.offsets.w1, gate + rows, input, pitch, tokens, begin, end, bf16Product);
    multiply(product, run, kind.w3, at, kind.offsets.w3, up + rows, input, pitch, tokens, begin, end, bf16Product);
    for (let i = 0; i < tokens; i++) {
      const row = rows + 4 * inner * i;
      k.swigluWeighted!(hidden + row, gate + row, up + row, weights[lists.order(start + i)]!, begin, end, limit, 0, bf16);
    }
  });
};

/** outs: prepared, hidden; ins: hidden, lists; scalars: slots, first, inner width, rounding (-1: none), its block, prepared form (-1: none), pitch. Hidden rows are rounded in place. */
export const expertHidden: Runner = (l, p) => {
  const w = l.words;
  const [out, hidden, slots, first, inner] = [w[p]!, w[p + 1]!, w[p + 4]!, w[p + 5]!, w[p + 6]!];
  const [rounding, block, form, pitch] = [w[p + 7]!, w[p + 8]!, w[p + 9]!, w[p + 10]!];
  const lists = new Lists(l, l.bank, w[p + 3]!, slots);
  for (let a = 0; a < lists.active; a++) {
    const { bank, shift } = new InUse(l, first + lists.expert(a));
    const k = l.kernels(bank);
    for (let i = lists.start(a); i < lists.start(a + 1); i++) {
      if (i % l.threads !== l.me) continue;
      const row = hidden + shift + 4 * inner * i;
      const to = out + shift + pitch * i;
      if (rounding >= 0) k[ROUNDINGS[rounding]!]!(form >= 0 ? row : to, row, 0, 1, inner, inner, block);
      else if (form < 0) l.view(bank).copyWithin(to >>> 0, row >>> 0, (row >>> 0) + 4 * inner);
      if (form >= 0) k[PREPARE[PREPARED[form]!].kernel]!(to, pitch, row, 4 * inner, 1, inner);
    }
  }
};

/** outs: result rows in sorted order; ins: prepared, lists; scalars: slots, first, pitch, width, product, bf16, chunk. */
export const expertDown: Runner = (l, p) => {
  const w = l.words;
  const [out, x, slots, first, pitch, width] = [w[p]!, w[p + 1]!, w[p + 3]!, w[p + 4]!, w[p + 5]!, w[p + 6]!];
  const [product, bf16, chunk] = [PRODUCTS[w[p + 7]!]!, w[p + 8]!, w[p + 9]!];
  const lists = new Lists(l, l.bank, w[p + 2]!, slots);
  pieces(l, lists, first, width, chunk, ({ kind: { w2, offsets }, bank, at, shift }, a, begin, end) => {
    const start = lists.start(a);
    const tokens = lists.start(a + 1) - start;
    const run = l.kernels(bank)[product.kernel]!;
    multiply(product, run, w2, at, offsets.w2, out + shift + 4 * width * start, x + shift + pitch * start, pitch, tokens, begin, end, bf16);
  });
};

/** outs: y; ins: result rows, lists; scalars: slots, first, rows, per token, width. Split by rows: what follows is too, and need not wait. */
export const expertSum: Runner = (l, p) => {
  const w = l.words;
  const [y, x, slots, first, rows, perToken, width] = [w[p]!, w[p + 1]!, w[p + 3]!, w[p + 4]!, w[p + 5]!, w[p + 6]!, w[p + 7]!];
  if (!l.share(rows)) return;
  const lists = new Lists(l, l.bank, w[p + 2]!, slots);
  const { begin, end } = l;
  const here = l.view(l.bank);
  const bytes = 4 * width;
  for (let a = 0; a < lists.active; a++) {
    const { bank, shift } = new InUse(l, first + lists.expert(a));
    if (bank === l.bank) continue;
    for (let i = lists.start(a); i < lists.start(a + 1); i++) {
      const row = Math.floor(lists.order(i) / perToken);
      if (row < begin || row >= end) continue;
      const at = (x >>> 0) + bytes * i;
      here.set(l.view(bank).subarray(at + shift, at + shift + bytes), at);
    }
  }
  for (let row = begin; row < end; row++) {
    const to = y + bytes * row;
    here.fill(0, to >>> 0, (to >>> 0) + bytes);
    for (let k = 0; k < perToken; k++) l.k.accumulate!(to, x + bytes * lists.position(row * perToken + k), 0, width);
  }
};
