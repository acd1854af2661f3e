import type { WeightSource } from "../tensor/index.ts";
import type { Rows } from "./rows.ts";
import type { LinearKind, RoundingSite } from "./sites.ts";

/**
 * The operations a model is written in. An interpreter gives them meaning: numbers (`reference`, `cpu`, `webgpu`),
 * numbers rounded as a chip rounds them, or no numbers at all (`cost`).
 *
 * A tensor is always rows × columns, row-major; heads, groups and streams lie side by side in the columns.
 * Operations are synchronous and never change their inputs; only `append` changes a store. Where a value is rounded,
 * the operation or its `kind`/`site` names the place and the interpreter's numerics profile says to what.
 */
export interface Tensor {
  readonly rows: number;
  readonly columns: number;
}

/** A loaded (or promised) weight. Matrices are [outputs, inputs], as on disk. */
export interface Weight {
  readonly shape: readonly number[];
}

/** Rows of one sequence that only ever grow at the end (cached keys, pending compressor inputs). Rows older than `retain` may be forgotten. */
export interface Store {
  readonly columns: number;
  /** Rows ever appended; the next row has this absolute index. */
  readonly length: number;
}

/** What a store keeps and in which place of the numerics it lies. */
export interface StoreSpec {
  readonly columns: number;
  readonly holds: "window" | "entries" | "indexer keys" | "compressor state";
  /** At least this many rows before the latest append stay readable, so a whole chunk can be appended before its first row looks back; Infinity keeps all. */
  readonly retain: number;
}

/** Which compressed entries each row reads. */
export interface Selection {
  readonly rows: number;
}

/** Which experts each row uses, with what weight. */
export interface Route {
  readonly rows: number;
}

/** Mixing coefficients of a hyper-connection for n streams: `pre` [rows, n], `post` [rows, n], `mix` [rows, n·n]. */
export interface HyperCoefficients {
  readonly pre: Tensor;
  readonly post: Tensor;
  readonly mix: Tensor;
}

export interface ExpertWeights {
  readonly w1: Weight;
  readonly w2: Weight;
  readonly w3: Weight;
}

export interface Ops {
  /** Registers a weight; its bytes are there once `ready` has resolved. */
  weight(source: WeightSource): Weight;
  ready(onProgress?: (loadedBytes: number, totalBytes: number) => void): Promise<void>;

  store(spec: StoreSpec): Store;
  /** Appends each segment's rows to its sequence's store. */
  append(stores: readonly Store[], rows: Tensor, where: Rows): void;
  /** Forgets rows from absolute index `length` on; they must still be retained. */
  truncate(store: Store, length: number): void;
  clone(store: Store): Store;
  /** The store will not be used again: its memory can go to others. */
  free(store: Store): void;

  /** Rows of a table by id: [ids, columns]. */
  embed(table: Weight, ids: Int32Array): Tensor;
  /** Rows of `x` by index. */
  take(x: Tensor, rows: Int32Array): Tensor;
  /** The same numbers under another row length. */
  reshape(x: Tensor, columns: number): Tensor;
  /** Each row n times side by side: [rows, n·columns]. */
  repeat(x: Tensor, n: number): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  scale(x: Tensor, factor: number): Tensor;

  /** w · x / sqrt(mean(x²) + eps) over each of `groups` equal parts of a row; no weight means 1. */
  rmsNorm(x: Tensor, weight: Weight | undefined, options: { readonly eps: number; readonly groups?: number }): Tensor;
  /** y = W x. */
  linear(x: Tensor, w: Weight, kind: LinearKind): Tensor;
  /** Block-diagonal y_g = W_g x_g: columns and outputs fall into `groups` consecutive parts. */
  groupedLinear(x: Tensor, w: Weight, groups: number, kind: LinearKind): Tensor;
  /** Rotates interleaved pairs in the last 2·frequencies.length columns of each head by position · frequency. */
  rope(
    x: Tensor,
    positions: Int32Array,
    frequencies: Float32Array,
    options: { readonly heads: number; readonly inverse?: boolean },
  ): Tensor;
  /** Walsh–Hadamard transform of each head, divided by √width (orthogonal). */
  hadamard(x: Tensor, heads: number): Tensor;
  /** A named rounding place: the first `columns` of each of `heads` parts go through that site's format and back. */
  round(x: Tensor, site: RoundingSite, options: { readonly heads: number; readonly columns: number }): Tensor;
  /** silu(min(gate, limit)) · clamp(up, ±limit). */
  swiglu(gate: Tensor, up: Tensor, limit: number): Tensor;

  /** Sinkhorn-normalised coefficients from all streams at once (`streams` · D columns). */
  hyperCoefficients(
    streams: Tensor,
    weights: { readonly fn: Weight; readonly base: Weight; readonly scale: Weight },
    options: HyperOptions,
  ): HyperCoefficients;
  /** Output head: sigmoid coefficients only. */
  headCoefficients(
    streams: Tensor,
    weights: { readonly fn: Weight; readonly base: Weight; readonly scale: Weight },
    options: HyperOptions,
  ): Tensor;
  /** Σ_j pre_j X_j: [rows, n·D] → [rows, D]. */
  collapse(streams: Tensor, pre: Tensor): Tensor;
  /** X'_k = post_k y + Σ_j mix_jk X_j: the sum runs over the first index of `mix`. */
  expand(streams: Tensor, y: Tensor, post: Tensor, mix: Tensor): Tensor;

  /**
   * Pools each completed window into one entry by a softmax per channel over its rows' scores.
   * With `overlap`, rows are twice as wide as an entry: the window's own rows give their second half, the previous window's rows their first.
   */
  pool(
    values: readonly Store[],
    scores: readonly Store[],
    windows: Rows,
    options: { readonly ratio: number; readonly overlap: boolean },
  ): Tensor;
  /** Adds row (position mod table rows) of a small table to each row. */
  addByPhase(x: Tensor, table: Weight, positions: Int32Array): Tensor;
  /** Of the entries complete at each query, the `topK` with the largest Σ_h weight_h · relu(q_h · key); ties: lower index. */
  selectEntries(
    queries: Tensor,
    weights: Tensor,
    keys: readonly Store[],
    where: Rows,
    options: { readonly heads: number; readonly ratio: number; readonly topK: number },
  ): Selection;
  /** One softmax per head over window and compressed rows, which are key and value at once; the sink joins the denominator only. */
  attend(queries: Tensor, where: Rows, options: AttendOptions): Tensor;

  /** Top-K experts by √softplus(logit) + bias, weighted by the unbiased scores, normalised, times `scale`. */
  routeByScore(logits: Tensor, bias: Weight, options: RouteOptions): Route;
  /** Experts from a table by token id; weights as above. */
  routeByToken(logits: Tensor, table: Weight, tokens: Int32Array, options: RouteOptions): Route;
  /** Σ_k w2( weight_k · swiglu(w1 x, w3 x) ) over each row's experts, in ascending expert order, unrounded. */
  experts(x: Tensor, route: Route, experts: readonly ExpertWeights[], limit: number): Tensor;

  /**
   * Brings numbers out of the interpreter: an array per row, `into[row]` where that is given. Tensors are good until a read or `settled` of
   * their step has resolved.
   */
  read(x: Tensor, into?: readonly (Float32Array | undefined)[]): Promise<Float32Array[]>;
  /** Resolves when everything asked for so far has been computed. */
  settled(): Promise<void>;
  /** Ends threads and frees devices; nothing can be asked for afterwards. */
  close(): Promise<void>;
}

export interface HyperOptions {
  readonly streams: number;
  readonly iterations: number;
  readonly eps: number;
  readonly normEps: number;
}

export interface RouteOptions {
  readonly perToken: number;
  readonly scale: number;
}

export interface AttendOptions {
  readonly heads: number;
  readonly scale: number;
  readonly window: readonly Store[];
  /** Latest tokens a query sees, itself included. */
  readonly windowSize: number;
  readonly entries?: readonly Store[];
  /** Tokens per compressed entry. */
  readonly ratio?: number;
  /** Absent: every complete entry. */
  readonly selection?: Selection;
  readonly sink: Weight;
}
