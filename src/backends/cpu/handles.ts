import { TandemError } from "../../errors.ts";
import type { Route, Selection, Store, StoreSpec, Tensor } from "../../ops/index.ts";
import type { Place } from "./memory.ts";
import { Value } from "./value.ts";

/** Rows of float32 that a program will compute. */
export class CpuTensor implements Tensor {
  readonly rows: number;
  readonly columns: number;
  readonly value: Value;
  #forms: Map<string, { readonly value: Value; readonly pitch: number }> | undefined;

  constructor(rows: number, columns: number, value: Value = new Value(4 * rows * columns)) {
    this.rows = rows;
    this.columns = columns;
    this.value = value;
  }

  /** Forms of the same numbers that linear layers asked for: rounded, prepared for a kernel. Made once. Few tensors have any. */
  get forms(): Map<string, { readonly value: Value; readonly pitch: number }> {
    this.#forms ??= new Map();
    return this.#forms;
  }
}

/** Indices of entries, [rows, topK] int32, for the rows that have more than topK. */
export class CpuSelection implements Selection {
  readonly rows: number;
  readonly topK: number;
  readonly indices: Value | undefined;

  constructor(rows: number, topK: number, indices: Value | undefined) {
    this.rows = rows;
    this.topK = topK;
    this.indices = indices;
  }
}

/** ids [rows, perToken] int32 ascending, weights float32. */
export class CpuRoute implements Route {
  readonly rows: number;
  readonly perToken: number;
  readonly ids: Value;
  readonly weights: Value;
  /** The experts of all rows, numbered within the layer, where the tokens alone decide. */
  readonly known: (() => readonly number[]) | undefined;

  constructor(rows: number, perToken: number, known?: () => readonly number[]) {
    this.rows = rows;
    this.perToken = perToken;
    this.ids = new Value(4 * rows * perToken);
    this.weights = new Value(4 * rows * perToken);
    this.known = known;
  }
}

/**
 * Rows of a sequence in a bank. `length`, `start` and the place follow what is recorded, ahead of what has run: programs run in the order
 * they were recorded, so addresses taken now are right when they are used.
 */
export class CpuStore implements Store {
  readonly spec: StoreSpec;
  readonly columns: number;
  /** Bytes of a row: float32, or the indexer's packed FP4. */
  readonly pitch: number;
  length = 0;
  /** Absolute index of the first row in memory. */
  start = 0;
  capacity = 0;
  /** The memory, apart from the store so that it can be given back when the store is gone. */
  readonly held: { place: Place | undefined } = { place: undefined };
  /** Stands for the rows where commands depend on each other. */
  value: Value | undefined;
  /** Why its contents are unknown: the program that was changing it failed. */
  failed: unknown;

  constructor(spec: StoreSpec, pitch: number) {
    this.spec = spec;
    this.columns = spec.columns;
    this.pitch = pitch;
  }

  get place(): Place | undefined {
    return this.held.place;
  }

  set place(place: Place | undefined) {
    this.held.place = place;
  }

  check(): void {
    if (this.failed !== undefined) throw this.failed;
  }

  /** Address of a row held. */
  address(row: number): number {
    if (row < this.start || row > this.length || !this.place)
      throw new TandemError("internal", { reason: `row ${row} of a store holding ${this.start}…${this.length - 1}` });
    return this.place.at + (row - this.start) * this.pitch;
  }
}
