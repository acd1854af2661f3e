import type { Ops, Store, StoreSpec } from "../ops/index.ts";
import type { Ratio, V4Config } from "./deepseek-v4-config.ts";

/**
 * What one sequence remembers. Everything is rows by absolute position that only grow at the end, so a decoded token,
 * a prefill chunk of any length and a rollback are the same motion, and a compressed entry depends on absolute
 * positions alone. Sizes: v4-architecture section 3.
 */
export interface CompressorState {
  /** Projected inputs of windows not yet complete (and, for CSA, of the window before), fp32. */
  readonly values: Store;
  /** Their scores, position offset already added. */
  readonly scores: Store;
  readonly entries: Store;
}

export interface LayerState {
  readonly window: Store;
  readonly compressor?: CompressorState;
  readonly indexer?: CompressorState;
}

export interface SequenceState {
  /** Tokens seen. */
  length: number;
  readonly layers: readonly LayerState[];
  readonly mtp: readonly LayerState[];
}

/** Tokens that can be taken back exactly: spare rows kept behind every window. Drafts are never longer. */
export const ROLLBACK = 16;

export function newSequence(ops: Ops, c: V4Config): SequenceState {
  return {
    length: 0,
    layers: Array.from({ length: c.layers }, (_, l) => newLayer(ops, c, c.ratios[l]!)),
    mtp: Array.from({ length: c.mtpBlocks }, () => newLayer(ops, c, 0)),
  };
}

function newLayer(ops: Ops, c: V4Config, ratio: Ratio): LayerState {
  return {
    window: ops.store({ columns: c.headDim, holds: "window", retain: c.window - 1 + ROLLBACK }),
    ...(ratio > 0 && { compressor: newCompressor(ops, ratio, c.headDim, "entries") }),
    ...(ratio === 4 && { indexer: newCompressor(ops, ratio, c.index.headDim, "indexer keys") }),
  };
}

function newCompressor(ops: Ops, ratio: number, width: number, holds: StoreSpec["holds"]): CompressorState {
  const overlap = ratio === 4;
  const pending = {
    columns: overlap ? 2 * width : width,
    holds: "compressor state",
    retain: (overlap ? 2 : 1) * ratio - 1 + ROLLBACK,
  } as const;
  return {
    values: ops.store(pending),
    scores: ops.store(pending),
    entries: ops.store({ columns: width, holds, retain: Number.POSITIVE_INFINITY }),
  };
}

/** One layer's stores of all sequences of a step, side by side: what the operations take. */
export interface LayerStores {
  readonly window: readonly Store[];
  readonly compressor?: CompressorStores;
  readonly indexer?: CompressorStores;
}
export interface CompressorStores {
  readonly values: readonly Store[];
  readonly scores: readonly Store[];
  readonly entries: readonly Store[];
}

/** Stacks the same layer of several sequences. */
export function stackLayers(layers: readonly LayerState[]): LayerStores {
  const stack = (states: readonly CompressorState[]): CompressorStores => ({
    values: states.map((s) => s.values),
    scores: states.map((s) => s.scores),
    entries: states.map((s) => s.entries),
  });
  return {
    window: layers.map((s) => s.window),
    ...(layers[0]?.compressor && { compressor: stack(layers.map((s) => s.compressor!)) }),
    ...(layers[0]?.indexer && { indexer: stack(layers.map((s) => s.indexer!)) }),
  };
}

/** The same state with every store replaced; `tokensPerRow` says how many tokens one of its rows stands for. */
export function mapStores(c: V4Config, state: SequenceState, f: (store: Store, tokensPerRow: number) => Store): SequenceState {
  const compressor = (s: CompressorState, ratio: number): CompressorState => ({
    values: f(s.values, 1),
    scores: f(s.scores, 1),
    entries: f(s.entries, ratio),
  });
  const layer = (s: LayerState, ratio: number): LayerState => ({
    window: f(s.window, 1),
    ...(s.compressor && { compressor: compressor(s.compressor, ratio) }),
    ...(s.indexer && { indexer: compressor(s.indexer, ratio) }),
  });
  return { length: state.length, layers: state.layers.map((s, l) => layer(s, c.ratios[l]!)), mtp: state.mtp.map((s) => layer(s, 1)) };
}

/** An independent copy. */
export const cloneSequence = (ops: Ops, c: V4Config, state: SequenceState): SequenceState =>
  mapStores(c, state, (store) => ops.clone(store));

/** Gives the memory of a state back; it must not be used again. */
export function freeSequence(ops: Ops, c: V4Config, state: SequenceState): void {
  mapStores(c, state, (store) => {
    ops.free(store);
    return store;
  });
}

/** Takes back the latest tokens, at most `ROLLBACK` behind the longest state reached; exact, since stores are indexed by absolute position. */
export function truncateSequence(ops: Ops, c: V4Config, state: SequenceState, length: number): void {
  mapStores(c, state, (store, tokensPerRow) => {
    ops.truncate(store, Math.min(Math.floor(length / tokensPerRow), store.length));
    return store;
  });
  state.length = length;
}
