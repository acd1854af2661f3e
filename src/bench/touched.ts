import type { CpuStore } from "../backends/cpu/handles.ts";
import { layoutOf } from "../backends/cpu/layout.ts";
import type { Checkpoint } from "../checkpoint/index.ts";
import { type CompressorState, resolveWeight, type SequenceState, type V4Config, v4Weights } from "../models/index.ts";
import type { Numerics, Store } from "../ops/index.ts";
import { rowsAndColumns, type WeightSource } from "../tensor/index.ts";

/**
 * Weight bytes that decoding one token of one sequence reads, as they lie in the CPU interpreter's memory: every matrix with its scales, of
 * the routed experts those a token uses, of tables one row. Shapes and formats only; no byte of a weight is read.
 */
export function weightBytesPerToken(config: V4Config, checkpoint: Checkpoint, numerics: Numerics): number {
  const weights = v4Weights(config, (name, shape, storage, indexBelow) =>
    resolveWeight(checkpoint.tensors, name, shape, storage, config.weightBlock, indexBelow),
  );
  const bytes = (w: WeightSource) => {
    const { dataBytes, scaleBytes } = layoutOf(w, numerics);
    return dataBytes + scaleBytes;
  };
  const whole = (node: object): number =>
    "data" in node ? bytes(node as WeightSource) : Object.values(node).reduce((sum, part) => sum + whole(part), 0);
  const row = (w: WeightSource) => bytes(w) / rowsAndColumns(w.shape)[0];
  let sum = row(weights.embed) + whole(weights.output) + whole(weights.head);
  for (const { ffn, ...layer } of weights.layers) {
    const { experts, tid2eid, ...dense } = ffn;
    sum += whole(layer) + whole(dense);
    if (tid2eid) sum += row(tid2eid);
    sum += (whole(experts) / experts.length) * config.expertsPerToken;
    for (const c of [layer.attn.compressor, layer.attn.indexer?.compressor]) if (c) sum += row(c.ape) - whole(c.ape);
  }
  return sum;
}

/**
 * Cache bytes that decoding the token at position `context - 1` reads, as they lie in memory: the window, entries seen (those chosen, where
 * there are more), indexer keys, and the rows that compression pools, averaged over a window.
 */
export function cacheBytesPerToken(config: V4Config, state: SequenceState, context: number): number {
  const pitch = (store: Store) => (store as CpuStore).pitch;
  const pooled = ({ values, scores }: CompressorState) => pitch(values) + pitch(scores);
  let sum = 0;
  for (const [l, { window, compressor, indexer }] of state.layers.entries()) {
    sum += Math.min(context, config.window) * pitch(window);
    if (!compressor) continue;
    const complete = Math.floor(context / config.ratios[l]!);
    const chosen = indexer !== undefined && complete > config.index.topK;
    sum += (chosen ? config.index.topK : complete) * pitch(compressor.entries) + pooled(compressor);
    if (indexer) sum += (chosen ? complete * pitch(indexer.entries) : 0) + pooled(indexer);
  }
  return sum;
}

/** Bytes of memory a sequence's stores hold, room for rows to come included. */
export function heldBytes(state: SequenceState): number {
  const held = (store: Store) => (store as CpuStore).place?.bytes ?? 0;
  const compressor = (c: CompressorState | undefined) => (c ? held(c.values) + held(c.scores) + held(c.entries) : 0);
  return state.layers.reduce((sum, s) => sum + held(s.window) + compressor(s.compressor) + compressor(s.indexer), 0);
}
