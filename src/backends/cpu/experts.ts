import { type WeightSource, weightBytes } from "../../tensor/index.ts";
import { type ExpertLayer, ExpertStream, type ExpertUse, type StreamingCounts } from "./expert-stream.ts";
import type { ExpertKind, ExpertTables } from "./expert-tables.ts";
import type { MatrixLayout } from "./layout.ts";
import type { Loader } from "./loader.ts";
import { aligned, type Banks, blockBytes } from "./memory.ts";
import { sharedBuffer } from "./sharing.ts";

export const PARTS = ["w1", "w2", "w3"] as const;
export type Part = (typeof PARTS)[number];
export interface ExpertPart {
  readonly source: WeightSource;
  readonly layout: MatrixLayout;
}
export type Expert = Readonly<Record<Part, ExpertPart>>;

const shared = (words: number) => sharedBuffer(4 * Math.max(words, 1));

export function kindOf(parts: Readonly<Record<Part, { readonly layout: MatrixLayout }>>): ExpertKind {
  let at = 0;
  const next = (bytes: number) => {
    const here = at;
    at += aligned(bytes + 64);
    return here;
  };
  const place = ({ layout }: { readonly layout: MatrixLayout }) => ({ data: next(layout.dataBytes), scale: next(layout.scaleBytes) });
  const offsets = { w1: place(parts.w1), w3: place(parts.w3), w2: place(parts.w2) };
  return { w1: parts.w1.layout, w2: parts.w2.layout, w3: parts.w3.layout, offsets, bytes: at };
}

export interface ExpertSizes {
  readonly all: number;
  readonly inMemory: number;
  /** Of the slots, all together, and of one that holds any expert. */
  readonly bytes: number;
  readonly slotBytes: number;
  /** Experts of the layer that has most. */
  readonly largestLayer: number;
}

/** The routed experts: all of them in memory, or as many as a limit allows, the others read when they are needed (see expert-stream.ts). */
export class Experts {
  readonly #banks: Banks;
  readonly #loader: Loader;
  readonly #experts: Expert[] = [];
  readonly #kinds: ExpertKind[] = [];
  readonly #kindNames: string[] = [];
  readonly #kindOf: number[] = [];
  readonly #layerOf: number[] = [];
  #layer = "";
  #bytes = 0;
  #tables: ExpertTables | undefined;
  #stream: ExpertStream | undefined;
  /** Banks that hold slots. */
  banks: readonly number[] = [];

  constructor(banks: Banks, loader: Loader) {
    this.#banks = banks;
    this.#loader = loader;
  }

  get sizes(): ExpertSizes {
    const perLayer = new Map<number, number>();
    for (const layer of this.#layerOf) perLayer.set(layer, (perLayer.get(layer) ?? 0) + 1);
    return {
      all: this.#kindOf.length,
      inMemory: this.#tables?.at.length ?? 0,
      bytes: this.#bytes,
      slotBytes: blockBytes(Math.max(0, ...this.#kinds.map((k) => k.bytes))),
      largestLayer: Math.max(0, ...perLayer.values()),
    };
  }

  get tables(): ExpertTables | undefined {
    return this.#tables;
  }

  /** Whether everything, experts and all else, lies in one bank so far. */
  get oneBank(): boolean {
    return this.#banks.list.length === 1;
  }

  get streamed(): boolean {
    return this.#stream !== undefined;
  }

  get counts(): StreamingCounts {
    return this.#stream?.counts ?? { hits: 0, misses: 0, prefetched: 0, bytesRead: 0, waitedMs: 0 };
  }

  /** Adds an expert; its number. Those of a layer follow each other. */
  add(expert: Expert): number {
    const kind = kindOf(expert);
    const text = JSON.stringify(kind);
    let index = this.#kindNames.indexOf(text);
    if (index === -1) {
      index = this.#kindNames.push(text) - 1;
      this.#kinds.push(kind);
    }
    this.#kindOf.push(index);
    const layer = expert.w1.source.expert!.of.replace(/\d+$/, "");
    const last = this.#layerOf.at(-1);
    this.#layerOf.push(last === undefined ? 0 : layer === this.#layer ? last : last + 1);
    this.#layer = layer;
    return this.#experts.push(expert) - 1;
  }

  kind(expert: number): ExpertKind {
    return this.#kinds[this.#kindOf[expert]!]!;
  }

  /** Makes slots for all experts, or for as many as `limit` bytes hold. */
  place(limit: number): void {
    const total = this.#experts.length;
    const all = this.#kindOf.reduce((sum, k) => sum + blockBytes(this.#kinds[k]!.bytes), 0);
    const slots = all <= limit ? total : Math.min(total, Math.floor(limit / this.sizes.slotBytes));
    // Streamed slots take any expert, so they are as large as the largest; resident ones fit their own.
    const largest = Math.max(0, ...this.#kinds.map((k) => k.bytes));
    const places = Array.from({ length: slots }, (_, s) => this.#banks.forWeights(slots < total ? largest : this.kind(s).bytes));
    this.#bytes = places.reduce((sum, p) => sum + blockBytes(p.bytes), 0);
    this.banks = [...new Set(places.map((p) => p.bank))];
    this.#tables = {
      slotOf: new Int32Array(shared(total)).fill(-1),
      bankOf: Int32Array.from(places, (p) => p.bank),
      at: Uint32Array.from(places, (p) => p.at),
      kindOf: Int32Array.from(this.#kindOf),
      kinds: this.#kinds,
      streamed: slots < total,
      pins: new Int32Array(shared(slots)),
    };
    if (slots < total) this.#stream = new ExpertStream(this.#tables, this.#layerOf, (expert, slot) => this.#read(expert, slot));
  }

  /** Loads all experts, where there is a slot for each. */
  async loadAll(onLoaded: (bytes: number) => void): Promise<void> {
    if (this.streamed) return;
    await inTurns(this.#experts.length, 4, async (e) => {
      onLoaded(await this.#read(e, e));
      this.#tables!.slotOf[e] = e;
    });
    this.#experts.length = 0;
  }

  /** A program with these layers is about to run. */
  begin(layers: readonly ExpertLayer[]): void {
    this.#stream?.begin(layers);
  }

  /** See `ExpertStream.use`. */
  async use(use: ExpertUse): Promise<void> {
    await this.#stream?.use(use);
  }

  async close(): Promise<void> {
    await this.#stream?.close();
  }

  /** Reads an expert into a slot; the bytes read. Resolves or fails only when nothing is being written there any more. */
  async #read(expert: number, slot: number): Promise<number> {
    const { bankOf, at } = this.#tables!;
    const { offsets } = this.kind(expert);
    const parts = this.#experts[expert]!;
    const read = await Promise.allSettled(
      PARTS.map((part) => {
        const { source, layout } = parts[part];
        return this.#loader.load(source, layout, bankOf[slot]!, at[slot]! + offsets[part].data, at[slot]! + offsets[part].scale);
      }),
    );
    for (const r of read) if (r.status === "rejected") throw r.reason;
    return PARTS.reduce((sum, part) => sum + weightBytes(parts[part].source), 0);
  }
}

/** Runs `work` for 0 … count - 1, at most `width` at a time; the first error stops it. */
export async function inTurns(count: number, width: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const turn = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, turn));
}
