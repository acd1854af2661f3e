import { TandemError } from "../../errors.ts";
import type { Route, Selection, Store, StoreSpec, Tensor, Weight } from "../../ops/index.ts";

/** Handles of the reference interpreter: plain arrays in float64, so that what is left to round is only what the numerics say. */
export class Values implements Tensor {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array<ArrayBufferLike>;

  constructor(rows: number, columns: number, data: Float64Array<ArrayBufferLike> = new Float64Array(rows * columns)) {
    this.rows = rows;
    this.columns = columns;
    this.data = data;
  }
}

/** Elements dequantised to float32 (exact), re-encoded where the numerics say so; index tables as integers. Filled by `ready`. */
export class LoadedWeight implements Weight {
  readonly shape: readonly number[];
  /** Stored in a block format: linear layers then quantise their input. */
  readonly blockScaled: boolean;
  data: Float32Array = new Float32Array(0);
  indices: Int32Array = new Int32Array(0);

  constructor(shape: readonly number[], blockScaled: boolean) {
    this.shape = shape;
    this.blockScaled = blockScaled;
  }
}

/** Entry lists, one per row; undefined rows read every complete entry. */
export class SelectedEntries implements Selection {
  readonly rows: number;
  readonly entries: readonly (Int32Array | undefined)[];

  constructor(entries: readonly (Int32Array | undefined)[]) {
    this.rows = entries.length;
    this.entries = entries;
  }
}

/** Experts and their weights, `perToken` of each per row. */
export class Routing implements Route {
  readonly rows: number;
  readonly perToken: number;
  readonly ids: Int32Array;
  readonly weights: Float64Array;

  constructor(rows: number, perToken: number) {
    this.rows = rows;
    this.perToken = perToken;
    this.ids = new Int32Array(rows * perToken);
    this.weights = new Float64Array(rows * perToken);
  }
}

/** Rows by absolute index; the first `start` of them are forgotten. */
export class RowStore implements Store {
  readonly spec: StoreSpec;
  readonly columns: number;
  length = 0;
  #start = 0;
  #data: Float64Array;

  constructor(spec: StoreSpec, capacity = 0) {
    this.spec = spec;
    this.columns = spec.columns;
    this.#data = new Float64Array(capacity * spec.columns);
  }

  /** Appends rows [from, from + count) of `x`, after dropping what is older than the spec retains. */
  append(x: Values, from: number, count: number): void {
    const { columns } = this;
    const start = Math.max(this.#start, this.length - this.spec.retain);
    const kept = this.length - start;
    if ((kept + count) * columns > this.#data.length || start - this.#start > kept + count) {
      const next = new Float64Array(Math.max(2 * (kept + count), 16) * columns);
      next.set(this.#data.subarray((start - this.#start) * columns, (this.length - this.#start) * columns));
      this.#data = next;
      this.#start = start;
    }
    const at = (this.length - this.#start) * columns;
    if (at + count * columns > this.#data.length) {
      this.#data.copyWithin(0, (start - this.#start) * columns, at);
      this.#start = start;
    }
    this.#data.set(x.data.subarray(from * columns, (from + count) * columns), (this.length - this.#start) * columns);
    this.length += count;
  }

  /** The row at absolute index `i`, as a view. */
  row(i: number): Float64Array {
    if (i < this.#start || i >= this.length)
      throw new TandemError("internal", { reason: `row ${i} of a store holding ${this.#start}…${this.length - 1}` });
    const at = (i - this.#start) * this.columns;
    return this.#data.subarray(at, at + this.columns);
  }

  truncate(length: number): void {
    if (length > this.length || length < this.#start)
      throw new TandemError("internal", { reason: `truncation to ${length} of a store holding ${this.#start}…${this.length - 1}` });
    this.length = length;
  }

  clone(): RowStore {
    const copy = new RowStore(this.spec);
    copy.length = this.length;
    copy.#start = this.#start;
    copy.#data = this.#data.slice();
    return copy;
  }
}
