import { Cpu } from "../backends/cpu/index.ts";
import { layoutOf } from "../backends/cpu/layout.ts";
import { cloneSequence, forward, logits, mapStores, newSequence, type V4Config, v4Weights } from "../models/index.ts";
import { type Numerics, type Store, tokenRows } from "../ops/index.ts";
import { elements, type WeightSource, weightBytes } from "../tensor/index.ts";
import type { ExpertPart, MemoryItem, NeedOptions } from "./fit.ts";

/**
 * What the CPU interpreter needs for one conversation: found by letting it place the weights, grow the stores and plan the first and the
 * last step in imagined memory, so that it cannot differ from what is then done in real memory.
 */
export async function cpuNeed(
  config: V4Config,
  weights: readonly WeightSource[],
  options: NeedOptions,
): Promise<{ items: MemoryItem[]; experts: ExpertPart; threads: number }> {
  const { numerics, threads, expertBytes, context, step } = options;
  const ops = new Cpu(numerics, {
    imagined: true,
    ...(threads !== undefined && { threads }),
    ...(expertBytes !== undefined && { expertBytes }),
  });
  const byName = new Map(weights.map((w) => [w.name, w]));
  const loaded: WeightSource[] = [];
  const model = v4Weights(config, (name) => {
    const source = byName.get(name)!;
    loaded.push(source);
    return ops.weight(source);
  });
  await ops.ready();
  const { weights: weightsHeld, experts } = ops.counts;

  const state = newSequence(ops, config);
  const run = async (position: number, rows: number) => {
    const at = { ops, config, rows: tokenRows([position], [rows]), tokens: new Int32Array(rows) };
    const X = forward(at, model, [state]);
    logits(at, model, ops.take(X, new Int32Array(Math.min(rows, options.logits))));
    await ops.settled();
  };
  const first = Math.min(step, context);
  await run(0, first);
  const rest = context - first;
  const last = Math.min(step, rest);
  const stores: { store: Store; tokensPerRow: number }[] = [];
  mapStores(config, { ...state, mtp: [] }, (store, tokensPerRow) => {
    stores.push({ store, tokensPerRow });
    return store;
  });
  for (let at = first; at < context - last; at += step) {
    const end = Math.min(at + step, context - last);
    for (const { store, tokensPerRow } of stores) ops.skip(store, Math.floor(end / tokensPerRow) - Math.floor(at / tokensPerRow));
    await ops.settled();
  }
  if (last > 0) await run(context - last, last);
  const { memory, arenas } = ops.counts;
  cloneSequence(ops, config, state);
  await ops.settled();
  const copy = ops.counts.memory - memory;

  const some = experts.inMemory < experts.all;
  const items = [
    { what: "weights of every token: attention, shared experts, embedding, head", bytes: weightsHeld - experts.bytes },
    {
      what: some ? `${experts.inMemory} of ${experts.all} routed experts, the others read when needed` : "routed experts",
      bytes: experts.bytes,
    },
    { what: "tables kept in another form than stored, while they are read", bytes: readingBytes(loaded, numerics) },
    { what: "cache of the conversation, and room it grows into", bytes: memory - weightsHeld - arenas },
    { what: "copy of the cache from before the last answer", bytes: copy },
    { what: `values of a step of ${first} tokens`, bytes: arenas },
  ];
  return { items, experts, threads: ops.threads };
}

/** Weights are read to where they stay, but for tables that are widened or narrowed; four are loaded at a time. */
function readingBytes(loaded: readonly WeightSource[], numerics: Numerics): number {
  const twice = loaded.filter((w) => ["index", "f32-expanded"].includes(layoutOf(w, numerics).form));
  const bytes = twice.map((w) => weightBytes(w) + 4 * elements(w.shape)).sort((a, b) => b - a);
  return bytes.slice(0, 4).reduce((a, b) => a + b, 0);
}
