import type { ExpertKind, ExpertTables } from "./expert-tables.ts";
import type { Lane } from "./lane.ts";
import { FIXED, PREPARE, PRODUCTS, ROUNDINGS } from "./products.ts";
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
  readonly order: Int32Array;
  readonly position: Int32Array;
  readonly head: Int32Array;
  readonly active: Int32Array;
  readonly starts: Int32Array;

  constructor(l: Lane, bank: number, at: number, slots: number) {
    const all = l.int32(bank, at, listWords(slots));
    this.order = all.subarray(0, slots);
    this.position = all.subarray(slots, 2 * slots);
    this.head = all.subarray(2 * slots, 2 * slots + 1);
    this.active = all.subarray(2 * slots + 1, 3 * slots + 1);
    this.starts = all.subarray(3 * slots + 1);
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
      lists.active[active] = e;
      lists.starts[active++] = counts[e]!;
    }
    counts[e + 1]! += counts[e]!;
  }
  lists.starts[active] = slots;
  lists.head[0] = active;
  for (let s = 0; s < slots; s++) {
    const at = counts[ids[s]!]!++;
    lists.order[at] = s;
    lists.position[s] = at;
  }
  if (l.tables!.streamed) hold(l, first, lists.active.subarray(0, active));
};

/** Has the experts of a layer in memory, pinned, before anyone looks for them. */
function hold(l: Lane, first: number, active: Int32Array): void {
  unpin(l);
  const used = Array.from(active, (e) => first + e);
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
  for (let a = 0; a < lists.head[0]!; a++) {
    const expert = new InUse(l, first + lists.active[a]!);
    for (let i = lists.starts[a]!; i < lists.starts[a + 1]!; i++) {
      if (i % l.threads !== l.me) continue;
      const at = from + Math.floor(lists.order[i]! / perToken) * pitch;
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
  while (l.claim(lists.head[0]! * perExpert, 1)) {
    const next = Math.floor(l.begin / perExpert);
    if (next !== a) {
      a = next;
      expert = new InUse(l, first + lists.active[a]!);
    }
    const begin = (l.begin % perExpert) * chunk;
    run(expert!, a, begin, Math.min(begin + chunk, outputs));
  }
}

/** outs: gate, up, hidden; ins: gathered, lists, routing weights; scalars: slots, first, pitch, inner width, product, limit, bf16 products, bf16 activations, chunk. */
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
    const start = lists.starts[a]!;
    const tokens = lists.starts[a + 1]! - start;
    const rows = shift + 4 * inner * start;
    for (const [y, layout, offset] of [
      [gate, kind.w1, kind.offsets.w1],
      [up, kind.w3, kind.offsets.w3],
    ] as const)
      product.call(
        ...([
          k[product.kernel]!,
          y + rows,
          4 * inner,
          x + shift + pitch * start,
          pitch,
          tokens,
          at + offset.data,
          at + offset.scale,
        ] as const),
        ...([layout.columns, begin, end, bf16Product, layout.blockRows, layout.blockColumns, layout.scaleF32 ? 1 : 0] as const),
      );
    for (let i = 0; i < tokens; i++) {
      const row = rows + 4 * inner * i;
      k.swigluWeighted!(hidden + row, gate + row, up + row, weights[lists.order[start + i]!]!, begin, end, limit, 0, bf16);
    }
  });
};

/** outs: prepared, hidden; ins: hidden, lists; scalars: slots, first, inner width, rounding (-1: none), its block, fixed form (-1: none), pitch. Hidden rows are rounded in place. */
export const expertHidden: Runner = (l, p) => {
  const w = l.words;
  const [out, hidden, slots, first, inner] = [w[p]!, w[p + 1]!, w[p + 4]!, w[p + 5]!, w[p + 6]!];
  const [rounding, block, fixed, pitch] = [w[p + 7]!, w[p + 8]!, w[p + 9]!, w[p + 10]!];
  const lists = new Lists(l, l.bank, w[p + 3]!, slots);
  for (let a = 0; a < lists.head[0]!; a++) {
    const { bank, shift } = new InUse(l, first + lists.active[a]!);
    const k = l.kernels(bank);
    for (let i = lists.starts[a]!; i < lists.starts[a + 1]!; i++) {
      if (i % l.threads !== l.me) continue;
      const row = hidden + shift + 4 * inner * i;
      const to = out + shift + pitch * i;
      if (rounding >= 0) k[ROUNDINGS[rounding]!]!(fixed >= 0 ? row : to, row, 0, 1, inner, inner, block);
      else if (fixed < 0) l.view(bank).copyWithin(to >>> 0, row >>> 0, (row >>> 0) + 4 * inner);
      if (fixed >= 0) k[PREPARE[FIXED[fixed]!]]!(to, pitch, row, 4 * inner, 1, inner);
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
    const start = lists.starts[a]!;
    const tokens = lists.starts[a + 1]! - start;
    product.call(
      ...([
        l.kernels(bank)[product.kernel]!,
        out + shift + 4 * width * start,
        4 * width,
        x + shift + pitch * start,
        pitch,
        tokens,
      ] as const),
      ...([
        at + offsets.w2.data,
        at + offsets.w2.scale,
        w2.columns,
        begin,
        end,
        bf16,
        w2.blockRows,
        w2.blockColumns,
        w2.scaleF32 ? 1 : 0,
      ] as const),
    );
  });
};

/** outs: y; ins: result rows, lists; scalars: slots, first, rows, per token, width. Split by columns, so that one row is shared too. */
export const expertSum: Runner = (l, p) => {
  const w = l.words;
  const [y, x, slots, first, rows, perToken, width] = [w[p]!, w[p + 1]!, w[p + 3]!, w[p + 4]!, w[p + 5]!, w[p + 6]!, w[p + 7]!];
  const lists = new Lists(l, l.bank, w[p + 2]!, slots);
  if (!l.share(width)) return;
  const { begin, end } = l;
  const here = l.view(l.bank);
  const bytes = 4 * (end - begin);
  for (let a = 0; a < lists.head[0]!; a++) {
    const { bank, shift } = new InUse(l, first + lists.active[a]!);
    if (bank === l.bank) continue;
    for (let i = lists.starts[a]!; i < lists.starts[a + 1]!; i++) {
      const at = (x >>> 0) + 4 * (width * i + begin);
      here.set(l.view(bank).subarray(at + shift, at + shift + bytes), at);
    }
  }
  for (let row = 0; row < rows; row++) {
    const to = y + 4 * width * row;
    here.fill(0, (to >>> 0) + 4 * begin, (to >>> 0) + 4 * end);
    for (let k = 0; k < perToken; k++) l.k.accumulate!(to, x + 4 * width * lists.position[row * perToken + k]!, begin, end);
  }
};
