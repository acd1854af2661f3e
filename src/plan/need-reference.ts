import { Cost } from "../backends/cost/index.ts";
import { mapStores, newSequence, type V4Config, v4Weights } from "../models/index.ts";
import { float, type Store, type StoreSpec } from "../ops/index.ts";
import { elements, type WeightSource, weightBytes } from "../tensor/index.ts";
import type { MemoryItem, NeedOptions } from "./fit.ts";

/** It computes in float64 and keeps weights as float32 and index tables as int32. */
const VALUE_BYTES = 8;
const WEIGHT_BYTES = 4;

/** What the reference interpreter needs for one conversation. */
export function referenceNeed(config: V4Config, weights: readonly WeightSource[], options: NeedOptions): MemoryItem[] {
  const loaded = loadedWeights(config, weights);
  const cache = cacheBytes(config, options);
  return [
    { what: "weights, dequantised to float32", bytes: WEIGHT_BYTES * loaded.reduce((sum, w) => sum + elements(w.shape), 0) },
    { what: "the largest tensor, as stored, while it is read", bytes: loaded.reduce((most, w) => Math.max(most, weightBytes(w)), 0) },
    { what: "cache of the conversation, float64", bytes: cache.used },
    { what: "room the cache grows into (it doubles when full)", bytes: cache.spare },
    { what: "copy of the cache from before the last answer", bytes: cache.used + cache.spare },
    { what: `values of a step of ${options.step} tokens (estimate)`, bytes: stepBytes(config, options) },
  ];
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
function cacheBytes(config: V4Config, { context, step }: NeedOptions): { used: number; spare: number } {
  const ops = new StoreSpecs(float, { cacheLayout: "fp32", ropeColumns: config.ropeDim });
  const sum = { used: 0, spare: 0 };
  mapStores(config, newSequence(ops, config), (store, tokensPerRow) => {
    const { columns, retain } = ops.specs.get(store)!;
    const rows = Math.floor(context / tokensPerRow);
    // A bounded store keeps `retain` rows behind the latest step; every store may be twice as large as what it must hold.
    const kept = Math.min(rows, retain + step);
    sum.used += VALUE_BYTES * columns * Math.min(rows, retain);
    sum.spare += VALUE_BYTES * columns * (2 * kept - Math.min(rows, retain));
    return store;
  });
  return sum;
}

/**
 * Values alive during a step, an upper estimate from the widest places: the streams before, during and after a mix, the query heads in
 * their five forms (projected, normed, rotated, attended, rotated back), an expert's inner values, and the logits.
 */
function stepBytes(c: V4Config, { context, step, logits }: NeedOptions): number {
  const rows = Math.min(step, context);
  const perRow =
    4 * c.streams * c.hidden +
    5 * c.heads * c.headDim +
    c.outputGroups * c.outputRank +
    4 * c.expertHidden +
    2 * c.index.heads * c.index.headDim;
  return VALUE_BYTES * (rows * perRow + 2 * logits * c.vocabSize);
}
