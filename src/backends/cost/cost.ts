import { type BlockFormat, blockBytes } from "../../formats/index.ts";
import {
  type AttendOptions,
  type ExpertWeights,
  type HyperCoefficients,
  type HyperOptions,
  type LinearKind,
  type Numerics,
  type Ops,
  type Route,
  type RouteOptions,
  type Rows,
  reencoding,
  type Selection,
  type Store,
  type StoreSpec,
  type Tensor,
  type Weight,
} from "../../ops/index.ts";
import { rowsAndColumns, type WeightSource, weightBytes } from "../../tensor/index.ts";
import { type CacheLayout, rowBytes } from "./cache-layout.ts";
import { Ledger } from "./ledger.ts";

class PricedWeight implements Weight {
  readonly shape: readonly number[];
  readonly format: string;
  readonly blockScaled: boolean;
  readonly bytes: number;

  constructor(source: WeightSource, to: BlockFormat | undefined) {
    this.shape = source.shape;
    this.format = to?.element ?? source.format;
    this.blockScaled = source.quantised !== undefined;
    this.bytes = to ? blockBytes(to, ...rowsAndColumns(source.shape)) : weightBytes(source);
  }
}

interface CountedStore extends Store {
  length: number;
  readonly holds: StoreSpec["holds"];
  readonly rowBytes: number;
}

const shape = (rows: number, columns: number): Tensor => ({ rows, columns });
const product = (w: Weight, rows: number) => 2 * rows * w.shape[0]! * w.shape[1]!;

/**
 * The interpreter without numbers: the same model code, run over shapes alone, leaves a ledger of FLOPs by format and of
 * bytes moved. Counted are matrix products, attention, the indexer and hyper-connections; element-wise work (norms,
 * activations, rotations, softmax) is below one percent of them and left out. A weight is read once per step however
 * many rows use it; a cached row once per sequence and step.
 */
export class Cost implements Ops {
  readonly ledger = new Ledger();
  readonly #numerics: Numerics;
  readonly #layout: CacheLayout;
  readonly #ropeColumns: number;

  constructor(numerics: Numerics, options: { readonly cacheLayout: CacheLayout; readonly ropeColumns: number }) {
    this.#numerics = numerics;
    this.#layout = options.cacheLayout;
    this.#ropeColumns = options.ropeColumns;
  }

  weight(source: WeightSource): Weight {
    return new PricedWeight(source, reencoding(this.#numerics, source));
  }

  /** The garbage collector does it. */
  free(): void {}

  async settled(): Promise<void> {}

  async close(): Promise<void> {}

  async ready(): Promise<void> {}

  store(spec: StoreSpec): Store {
    const store: CountedStore = {
      columns: spec.columns,
      length: 0,
      holds: spec.holds,
      rowBytes: rowBytes(this.#layout, spec.holds, spec.columns, this.#ropeColumns),
    };
    return store;
  }

  /** Bytes one row of a store takes in this cache layout. */
  rowBytes(store: Store): number {
    return (store as CountedStore).rowBytes;
  }

  /** Pretends `length` rows were appended, so that a step at any context can be priced. */
  seek(store: Store, length: number): void {
    (store as CountedStore).length = length;
  }

  append(stores: readonly Store[], _rows: Tensor, where: Rows): void {
    for (const s of where.segments) {
      const store = stores[s.sequence] as CountedStore;
      store.length += s.count;
      this.ledger.add(store.holds, "", { cacheBytesWritten: s.count * store.rowBytes });
    }
  }

  truncate(store: Store, length: number): void {
    this.seek(store, length);
  }

  clone(store: Store): Store {
    return { ...(store as CountedStore) };
  }

  embed(table: Weight, ids: Int32Array): Tensor {
    const w = table as PricedWeight;
    this.ledger.add("embedding", w.format, { weightBytes: (w.bytes / w.shape[0]!) * Math.min(ids.length, w.shape[0]!) });
    return shape(ids.length, w.shape[1]!);
  }

  take(x: Tensor, rows: Int32Array): Tensor {
    return shape(rows.length, x.columns);
  }

  reshape(x: Tensor, columns: number): Tensor {
    return shape((x.rows * x.columns) / columns, columns);
  }

  repeat(x: Tensor, n: number): Tensor {
    return shape(x.rows, n * x.columns);
  }

  add(a: Tensor): Tensor {
    return a;
  }

  scale(x: Tensor): Tensor {
    return x;
  }

  rmsNorm(x: Tensor): Tensor {
    return x;
  }

  /** Formats that meet in a linear layer: the weight's, and the input's after its own quantisation. */
  #formats(w: PricedWeight, kind: LinearKind): string {
    const { input, output } = this.#numerics.linear[kind];
    if (output === "F32") return "F32×F32";
    if (input !== "exact" && w.blockScaled) return `${w.format}×${input.element}`;
    const activations = this.#numerics.activations === "exact" ? "F32" : this.#numerics.activations;
    return `${activations}×${activations}`;
  }

  linear(x: Tensor, w: Weight, kind: LinearKind): Tensor {
    const weight = w as PricedWeight;
    this.ledger.add(kind, this.#formats(weight, kind), { flops: product(w, x.rows), weightBytes: weight.bytes });
    return shape(x.rows, w.shape[0]!);
  }

  groupedLinear(x: Tensor, w: Weight, _groups: number, kind: LinearKind): Tensor {
    return this.linear(x, w, kind);
  }

  rope(x: Tensor): Tensor {
    return x;
  }

  hadamard(x: Tensor): Tensor {
    return x;
  }

  round(x: Tensor): Tensor {
    return x;
  }

  swiglu(gate: Tensor): Tensor {
    return gate;
  }

  hyperCoefficients(streams: Tensor, weights: { readonly fn: Weight }, options: HyperOptions): HyperCoefficients {
    this.headCoefficients(streams, weights);
    const n = options.streams;
    return { pre: shape(streams.rows, n), post: shape(streams.rows, n), mix: shape(streams.rows, n * n) };
  }

  headCoefficients(streams: Tensor, weights: { readonly fn: Weight }): Tensor {
    const fn = weights.fn as PricedWeight;
    this.ledger.add("hyper-connections", "F32×F32", { flops: product(fn, streams.rows), weightBytes: fn.bytes });
    return shape(streams.rows, fn.shape[0]!);
  }

  collapse(streams: Tensor, pre: Tensor): Tensor {
    this.ledger.add("hyper-connections", "F32×F32", { flops: 2 * streams.rows * streams.columns });
    return shape(streams.rows, streams.columns / pre.columns);
  }

  expand(streams: Tensor, _y: Tensor, post: Tensor): Tensor {
    this.ledger.add("hyper-connections", "F32×F32", { flops: 2 * streams.rows * streams.columns * (post.columns + 1) });
    return streams;
  }

  pool(
    values: readonly Store[],
    scores: readonly Store[],
    windows: Rows,
    options: { readonly ratio: number; readonly overlap: boolean },
  ): Tensor {
    const rows = windows.count * options.ratio * (options.overlap ? 2 : 1);
    const store = values[windows.segments[0]!.sequence] as CountedStore;
    const read = store.rowBytes + (scores[windows.segments[0]!.sequence] as CountedStore).rowBytes;
    this.ledger.add("pooling", "F32×F32", { cacheBytesRead: rows * (options.overlap ? read / 2 : read) });
    return shape(windows.count, options.overlap ? store.columns / 2 : store.columns);
  }

  addByPhase(x: Tensor): Tensor {
    return x;
  }

  selectEntries(
    queries: Tensor,
    _weights: Tensor,
    keys: readonly Store[],
    where: Rows,
    options: { readonly heads: number; readonly ratio: number; readonly topK: number },
  ): Selection {
    const site = this.#numerics.sites.indexer;
    const format = site === "exact" ? "F32" : site.element;
    for (const s of where.segments) {
      let scored = 0;
      for (let i = 1; i <= s.count; i++) {
        const complete = Math.floor((s.position + i) / options.ratio);
        if (complete > options.topK) scored += complete;
      }
      const key = keys[s.sequence] as CountedStore;
      const read = scored > 0 ? Math.floor((s.position + s.count) / options.ratio) : 0;
      this.ledger.add("indexer", `${format}×${format}`, { flops: 2 * scored * queries.columns, cacheBytesRead: read * key.rowBytes });
    }
    return { rows: queries.rows, topK: options.topK } as Selection;
  }

  attend(queries: Tensor, where: Rows, o: AttendOptions): Tensor {
    const activations = this.#numerics.activations === "exact" ? "F32" : this.#numerics.activations;
    const topK = (o.selection as { topK?: number } | undefined)?.topK ?? Number.POSITIVE_INFINITY;
    for (const s of where.segments) {
      let pairs = 0;
      let distinct = 0;
      for (let i = 1; i <= s.count; i++) {
        const t = s.position + i;
        const entries = o.ratio ? Math.min(Math.floor(t / o.ratio), topK) : 0;
        pairs += Math.min(t, o.windowSize) + entries;
        distinct += entries;
      }
      const seen = s.position + s.count;
      const windowRows = Math.min(seen, o.windowSize - 1 + s.count);
      const entryRows = o.ratio ? Math.min(distinct, Math.floor(seen / o.ratio)) : 0;
      const read =
        windowRows * (o.window[s.sequence] as CountedStore).rowBytes +
        entryRows * ((o.entries?.[s.sequence] as CountedStore | undefined)?.rowBytes ?? 0);
      this.ledger.add("attention", `${activations}×${activations}`, { flops: 4 * pairs * queries.columns, cacheBytesRead: read });
    }
    return queries;
  }

  routeByScore(logits: Tensor, _bias: Weight, options: RouteOptions): Route {
    return { rows: logits.rows, ...options };
  }

  routeByToken(logits: Tensor, table: Weight, _tokens: Int32Array, options: RouteOptions): Route {
    this.ledger.add("gate", "I64", { weightBytes: ((table as PricedWeight).bytes / table.shape[0]!) * logits.rows });
    return { rows: logits.rows, ...options };
  }

  /** Distinct experts read: the expectation under uniform routing, E·(1 − (1 − K/E)^rows). */
  experts(x: Tensor, route: Route, experts: readonly ExpertWeights[], _limit: number): Tensor {
    const K = (route as Route & RouteOptions).perToken;
    const E = experts.length;
    const distinct = E * (1 - (1 - K / E) ** x.rows);
    const { w1, w2, w3 } = experts[0]! as { w1: PricedWeight; w2: PricedWeight; w3: PricedWeight };
    const rows = x.rows * K;
    this.ledger.add("experts.up", this.#formats(w1, "experts.up"), {
      flops: product(w1, rows) + product(w3, rows),
      weightBytes: distinct * (w1.bytes + w3.bytes),
    });
    this.ledger.add("experts.down", this.#formats(w2, "experts.down"), { flops: product(w2, rows), weightBytes: distinct * w2.bytes });
    return x;
  }

  read(): Promise<Float32Array[]> {
    return Promise.reject(new Error("the cost interpreter holds no numbers"));
  }
}
