import { type CacheLayout, Cost, type CostLine } from "../backends/cost/index.ts";
import { forward, logits, mapStores, newSequence, type SequenceState, type V4Config, v4Weights } from "../models/index.ts";
import { type Numerics, tokenRows } from "../ops/index.ts";
import type { WeightSource } from "../tensor/index.ts";

/** What one step costs at a given context, itemised. */
export interface StepPrice {
  readonly phase: "prefill" | "decode";
  /** Tokens already in the context before the step. */
  readonly context: number;
  /** Tokens the step processes. */
  readonly tokens: number;
  readonly lines: readonly CostLine[];
  readonly flops: Readonly<Record<string, number>>;
  /** FLOPs with each pair of formats weighed by its cost on hardware that runs FP8 at rate 1 (see `FP8_EQUIVALENT`). */
  readonly fp8EquivalentFlops: number;
  readonly weightBytes: number;
  readonly cacheBytesRead: number;
  readonly cacheBytesWritten: number;
}

/** What one sequence keeps in memory at a given length. */
export interface CacheSize {
  readonly layout: CacheLayout;
  /** Growth per token, averaged over whole compression windows. */
  readonly bytesPerToken: number;
  readonly windowBytes: number;
  /** Windows of the MTP blocks, only kept when drafting. */
  readonly draftBytes: number;
  readonly compressorStateBytes: number;
  /** Everything but `draftBytes`. */
  readonly totalBytes: number;
}

/**
 * Time of a multiply-add relative to FP8 × FP8 on hardware with FP8 matrix units: BF16 takes two, FP4 × FP4 half, and
 * FP4 weights met by FP8 activations run at FP8 rate. FP32 places (gate, compressor, head, hyper-connections) are
 * weighed as BF16: engines run them on TF32 or BF16 units. No unit multiplies INT8 by FP8: both are widened to BF16.
 */
const FP8_EQUIVALENT: Readonly<Record<string, number>> = {
  "E2M1×E2M1": 0.5,
  "E2M1×E4M3": 1,
  "E4M3×E4M3": 1,
  "INT8×E4M3": 2,
  "BF16×BF16": 2,
  "F32×F32": 2,
};

/** Prices a model from its weights' headers: nothing is read, no number is computed. */
export class Pricer {
  readonly #config: V4Config;
  readonly #cost: Cost;
  readonly #layout: CacheLayout;
  readonly #weights: ReturnType<typeof v4Weights<ReturnType<Cost["weight"]>>>;

  constructor(config: V4Config, sources: readonly WeightSource[], numerics: Numerics, layout: CacheLayout) {
    this.#config = config;
    this.#layout = layout;
    this.#cost = new Cost(numerics, { cacheLayout: layout, ropeColumns: config.ropeDim });
    const byName = new Map(sources.map((source) => [source.name, source]));
    this.#weights = v4Weights(config, (name) => this.#cost.weight(byName.get(name)!));
  }

  /** One token of one sequence, or of `batch` sequences of the same length, at `context` tokens. */
  decode(context: number, batch = 1): StepPrice {
    return this.#step("decode", context, 1, batch);
  }

  /** `tokens` tokens from position `context` on, in one step; logits for the last. */
  prefill(tokens: number, context = 0): StepPrice {
    return this.#step("prefill", context, tokens, 1);
  }

  cache(length: number): CacheSize {
    const c = this.#config;
    const state = this.#at(length);
    const window = c.window * this.#cost.rowBytes(state.layers[0]!.window);
    let [bytesPerToken, entryBytes, compressorStateBytes] = [0, 0, 0];
    for (const [l, layer] of state.layers.entries()) {
      const ratio = c.ratios[l]!;
      for (const compressor of [layer.compressor, layer.indexer]) {
        if (!compressor) continue;
        const row = this.#cost.rowBytes(compressor.entries);
        bytesPerToken += row / ratio;
        entryBytes += row * compressor.entries.length;
        compressorStateBytes += (ratio === 4 ? 2 : 1) * ratio * 2 * this.#cost.rowBytes(compressor.values);
      }
    }
    const windowBytes = window * c.layers;
    const totalBytes = entryBytes + windowBytes + compressorStateBytes;
    return { layout: this.#layout, bytesPerToken, windowBytes, draftBytes: window * c.mtpBlocks, compressorStateBytes, totalBytes };
  }

  #at(length: number): SequenceState {
    const state = newSequence(this.#cost, this.#config);
    mapStores(this.#config, state, (store, tokensPerRow) => {
      this.#cost.seek(store, Math.floor(length / tokensPerRow));
      return store;
    });
    state.length = length;
    return state;
  }

  #step(phase: StepPrice["phase"], context: number, tokens: number, batch: number): StepPrice {
    const { ledger } = this.#cost;
    ledger.clear();
    const states = Array.from({ length: batch }, () => this.#at(context));
    const rows = tokenRows(
      states.map(() => context),
      states.map(() => tokens),
    );
    const step = { ops: this.#cost, config: this.#config, rows, tokens: new Int32Array(rows.count) };
    const X = forward(step, this.#weights, states);
    logits(step, this.#weights, this.#cost.take(X, new Int32Array(batch)));
    return { phase, context, tokens: tokens * batch, lines: ledger.lines, ...totals(ledger.lines) };
  }
}

function totals(lines: readonly CostLine[]) {
  const flops: Record<string, number> = {};
  const sum = { fp8EquivalentFlops: 0, weightBytes: 0, cacheBytesRead: 0, cacheBytesWritten: 0 };
  for (const line of lines) {
    if (line.flops > 0) flops[line.formats] = (flops[line.formats] ?? 0) + line.flops;
    sum.fp8EquivalentFlops += line.flops * (FP8_EQUIVALENT[line.formats] ?? 1);
    sum.weightBytes += line.weightBytes;
    sum.cacheBytesRead += line.cacheBytesRead;
    sum.cacheBytesWritten += line.cacheBytesWritten;
  }
  return { flops, ...sum };
}
