import { Cost } from "../backends/cost/index.ts";
import { mapStores, newSequence, type V4Config, v4Weights } from "../models/index.ts";
import { float, type Store, type StoreSpec } from "../ops/index.ts";
import { elements, type WeightSource, weightBytes } from "../tensor/index.ts";

/** Memory, itemised, before anything is loaded. */
export interface MemoryNeed {
  /** Tokens of the one conversation it is computed for. */
  readonly context: number;
  readonly items: readonly { readonly what: string; readonly bytes: number }[];
  readonly totalBytes: number;
}

/** A computer's memory, in bytes; `freeBytes` is what it could give now. */
export interface Machine {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

export type Fit = "fits" | "fits-when-freed" | "does-not-fit";

export function fitOn(machine: Machine, neededBytes: number): Fit {
  if (neededBytes <= machine.freeBytes) return "fits";
  return neededBytes <= machine.totalBytes ? "fits-when-freed" : "does-not-fit";
}

/** Rows of a prefill step unless the caller says otherwise; see the engine's session. */
const CHUNK = 128;

/** The reference interpreter computes in float64 and keeps weights as float32 and index tables as int32. */
const VALUE_BYTES = 8;
const WEIGHT_BYTES = 4;

/**
 * A process with DeepSeek's tokenizer peaks at 240 MB before any model is there (Linux, Node 24), and V8 lets some 64 MB of dead arrays pile up
 * before it collects them.
 */
const PROGRAM_BYTES = 300e6;

/**
 * What the reference interpreter needs for one conversation of `context` tokens. `weights`: the sources of all weights of the
 * architecture (see `auditTensors`); those of a DSpark drafter are not loaded and not counted.
 */
export function memoryNeed(config: V4Config, weights: readonly WeightSource[], context: number): MemoryNeed {
  const loaded = loadedWeights(config, weights);
  const cache = cacheBytes(config, context);
  const items = [
    { what: "weights, dequantised to float32", bytes: WEIGHT_BYTES * loaded.reduce((sum, w) => sum + elements(w.shape), 0) },
    { what: "the largest tensor, as stored, while it is read", bytes: loaded.reduce((most, w) => Math.max(most, weightBytes(w)), 0) },
    { what: "cache of the conversation, float64", bytes: cache.used },
    { what: "room the cache grows into (it doubles when full)", bytes: cache.spare },
    { what: "copy of the cache from before the last answer", bytes: cache.used + cache.spare },
    { what: `values of a step of ${CHUNK} tokens (estimate)`, bytes: stepBytes(config, context) },
    { what: "the program itself and values not yet collected (estimate)", bytes: PROGRAM_BYTES },
  ];
  return { context, items, totalBytes: items.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Weights the forward pass and the MTP blocks read. */
function loadedWeights(config: V4Config, weights: readonly WeightSource[]): WeightSource[] {
  const names = new Set<string>();
  v4Weights(config, (name) => names.add(name));
  return weights.filter(({ name }) => names.has(name));
}

class StoreSpecs extends Cost {
  readonly specs = new Map<Store, StoreSpec>();

  override store(spec: StoreSpec): Store {
    const store = super.store(spec);
    this.specs.set(store, spec);
    return store;
  }
}

/** Bytes of the rows a sequence keeps, and of the unused rows its arrays may have besides. */
function cacheBytes(config: V4Config, context: number): { used: number; spare: number } {
  const ops = new StoreSpecs(float, { cacheLayout: "fp32", ropeColumns: config.ropeDim });
  const sum = { used: 0, spare: 0 };
  mapStores(config, newSequence(ops, config), (store, tokensPerRow) => {
    const { columns, retain } = ops.specs.get(store)!;
    const rows = Math.floor(context / tokensPerRow);
    // A bounded store keeps `retain` rows behind the latest step; every store may be twice as large as what it must hold.
    const kept = Math.min(rows, retain + CHUNK);
    sum.used += VALUE_BYTES * columns * Math.min(rows, retain);
    sum.spare += VALUE_BYTES * columns * (2 * kept - Math.min(rows, retain));
    return store;
  });
  return sum;
}

/**
 * Values alive during a step, an upper estimate from the widest places: the streams before, during and after a mix, the query heads in
 * their five forms (projected, normed, rotated, attended, rotated back), an expert's inner values, and the logits of one row.
 */
function stepBytes(c: V4Config, context: number): number {
  const rows = Math.min(CHUNK, context);
  const perRow =
    4 * c.streams * c.hidden +
    5 * c.heads * c.headDim +
    c.outputGroups * c.outputRank +
    4 * c.expertHidden +
    2 * c.index.heads * c.index.headDim;
  return VALUE_BYTES * (rows * perRow + 2 * c.vocabSize);
}
