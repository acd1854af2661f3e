import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExpertLayer, ExpertStream } from "../../../src/backends/cpu/expert-stream.ts";
import type { ExpertTables } from "../../../src/backends/cpu/expert-tables.ts";

const shared = (words: number) => new Int32Array(new SharedArrayBuffer(4 * words));

/** Layers of experts with slots for some, read when the test says so; plays the thread that computes. */
class Bench {
  readonly tables: ExpertTables;
  readonly stream: ExpertStream;
  readonly #size: number;
  readonly reads: { readonly expert: number; readonly slot: number; readonly end: (error?: Error) => void }[] = [];
  /** Reads end as soon as they begin. */
  immediate = true;
  #held: number[] = [];

  constructor(layers: number, size: number, slots: number) {
    this.#size = size;
    const tables = { slotOf: shared(layers * size).fill(-1), pins: shared(slots), at: new Uint32Array(slots) };
    this.tables = { ...tables, bankOf: new Int32Array(slots), kindOf: new Int32Array(layers * size), kinds: [], streamed: true };
    const layerOf = Array.from({ length: layers * size }, (_, e) => Math.floor(e / size));
    this.stream = new ExpertStream(this.tables, layerOf, (expert, slot) => {
      if (this.immediate) return Promise.resolve(1);
      return new Promise((resolve, reject) => {
        this.reads.push({ expert, slot, end: (error) => (error ? reject(error) : resolve(1)) });
      });
    });
  }

  /** What a program says of its layers; `known[l]`: what layer l is known to use. */
  program(layers: number, known: Readonly<Record<number, readonly number[]>> = {}): ExpertLayer[] {
    return Array.from({ length: layers }, (_, l) => {
      const first = l * this.#size;
      return { first, count: this.#size, ...(known[l] && { known: () => known[l]!.map((e) => first + e) }) };
    });
  }

  /** A layer uses experts, as `group` does: lets go of the layer before, pins what is there, asks for the rest. Whether all were there. */
  async use(layer: number, experts: readonly number[]): Promise<boolean> {
    const { slotOf, pins } = this.tables;
    for (const e of this.#held.splice(0)) Atomics.sub(pins, slotOf[e]!, 1);
    const first = layer * this.#size;
    const used = experts.map((e) => first + e);
    const here = used.filter((e) => slotOf[e]! >= 0);
    for (const e of here) Atomics.add(pins, slotOf[e]!, 1);
    this.#held.push(...here);
    const missing = used.filter((e) => !here.includes(e));
    await this.stream.use({ first, used, missing });
    this.#held.push(...missing);
    for (const e of used) assert.ok(slotOf[e]! >= 0, `${e} is in memory`);
    return missing.length === 0;
  }

  get pinned(): number {
    return this.tables.pins.reduce((sum, n) => sum + n, 0);
  }
}

const settle = () => new Promise((r) => setImmediate(r));
const all = (count: number) => Array.from({ length: count }, (_, e) => e);

test("what tokens alone decide is read before the layers are reached", async () => {
  const b = new Bench(4, 8, 12);
  b.stream.begin(b.program(4, { 0: [1, 2], 1: [3], 2: [7, 5] }));
  await settle();
  assert.equal(b.stream.counts.prefetched, 5);
  assert.deepEqual([await b.use(0, [1, 2]), await b.use(1, [3]), await b.use(2, [5, 7])], [true, true, true]);
  assert.equal(await b.use(3, [0]), false);
  assert.deepEqual({ ...b.stream.counts, waitedMs: 0 }, { hits: 5, misses: 1, prefetched: 5, bytesRead: 6, waitedMs: 0 });
});

test("a step that uses all of one layer has the next one read while it computes", async () => {
  const b = new Bench(5, 4, 8);
  for (let step = 0; step < 3; step++) {
    b.stream.begin(b.program(5));
    for (let layer = 0; layer < 5; layer++) {
      const there = await b.use(layer, all(4));
      assert.equal(there, layer > 0, `step ${step}, layer ${layer}`);
      await settle();
    }
  }
});

test("steps that use everything keep part of it from one to the next, which the least recently used would not", async () => {
  const b = new Bench(6, 4, 16);
  for (let step = 0; step < 5; step++) {
    // Layers one by one, so that nothing is read ahead.
    for (let layer = 0; layer < 6; layer++) {
      b.stream.begin([b.program(6)[layer]!]);
      await b.use(layer, all(4));
    }
  }
  // Of the 96 uses after the first step: the least recently used would hit none, the best possible choice some three fifths.
  const { hits } = b.stream.counts;
  assert.ok(hits >= 48, `${hits}`);
});

test("an expert used often stays, however many others come by", async () => {
  const b = new Bench(2, 16, 6);
  for (let step = 0; step < 40; step++) {
    b.stream.begin(b.program(2));
    await b.use(0, [3, 4 + (step % 12)]);
    await b.use(1, [9, step % 9]);
  }
  const { hits } = b.stream.counts;
  assert.ok(hits >= 2 * 37, `${hits} of 80`);
});

test("more experts at once than there are slots: refused, with nothing left pinned and every slot usable", async () => {
  const b = new Bench(2, 8, 5);
  b.stream.begin(b.program(2));
  await assert.rejects(b.use(0, all(6)), { code: "engine/experts-do-not-fit" });
  assert.equal(b.pinned, 0);
  await b.use(1, all(5));
  assert.equal(b.pinned, 5);
});

test("a failed read fails the step that waits for it, and only that", async () => {
  const b = new Bench(2, 8, 4);
  b.immediate = false;
  b.stream.begin(b.program(2));
  const using = b.use(0, all(4));
  const failed = assert.rejects(using, /disk on fire/);
  await settle();
  b.reads[1]!.end(new Error("disk on fire"));
  for (const i of [0, 2, 3]) b.reads[i]!.end();
  await failed;
  assert.equal(b.pinned, 0);
  b.immediate = true;
  b.stream.begin(b.program(2));
  assert.equal(await b.use(0, all(4)), false);
  assert.deepEqual({ hits: b.stream.counts.hits, misses: b.stream.counts.misses }, { hits: 3, misses: 5 });
});

test("a read ahead that fails is read again by the step that needs it", async () => {
  const b = new Bench(2, 4, 4);
  b.immediate = false;
  b.stream.begin(b.program(2, { 0: [2] }));
  await settle();
  b.reads[0]!.end(new Error("not now"));
  await settle();
  b.immediate = true;
  assert.equal(await b.use(0, [2]), false);
});

test("slots taken by reads ahead are waited for, not missed", async () => {
  const b = new Bench(3, 4, 4);
  b.immediate = false;
  b.stream.begin(b.program(3, { 0: [0], 1: [1], 2: [2] }));
  await settle();
  assert.equal(b.reads.length, 3);
  // All four slots are needed, three are being filled.
  const using = b.use(0, all(4));
  for (let i = 0; i < 7; i++) {
    await settle();
    b.reads[i]?.end();
  }
  assert.equal(await using, false);
  assert.equal(b.pinned, 4);
});

test("a thread that looks at a slot while it changes hands neither frees it nor holds it", async () => {
  const b = new Bench(2, 4, 2);
  const { pins, slotOf } = b.tables;
  b.immediate = false;
  b.stream.begin(b.program(2));
  const first = b.use(0, [0]);
  await settle();
  const { slot } = b.reads[0]!;
  // As `pin` does with what it read of `slotOf` a moment ago.
  assert.ok(Atomics.add(pins, slot, 1) < 0);
  const ahead = b.stream.use({ first: 4, used: [4, 5], missing: [4] });
  await settle();
  assert.deepEqual(
    b.reads.map((r) => r.slot),
    [slot, 1 - slot],
    "the second read goes elsewhere",
  );
  Atomics.sub(pins, slot, 1);
  for (const read of b.reads) read.end();
  await Promise.all([first, ahead]);
  assert.deepEqual([slotOf[0], slotOf[4], pins[0], pins[1]], [slot, 1 - slot, 1, 1]);
});

test("after closing nothing is read any more; closing waits for what is", async () => {
  const b = new Bench(2, 4, 4);
  b.immediate = false;
  b.stream.begin(b.program(2, { 0: [0, 1] }));
  let closed = false;
  const closing = b.stream.close().then(() => (closed = true));
  await settle();
  assert.equal(closed, false);
  for (const read of b.reads) read.end();
  await closing;
  b.stream.begin(b.program(2, { 0: [2, 3] }));
  await assert.rejects(b.use(0, [2]), { code: "engine/closed" });
  assert.equal(b.reads.length, 2);
});
