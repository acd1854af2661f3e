import { CACHE_LAYOUTS, type CacheLayout } from "../backends/cost/index.ts";
import type { Checkpoint } from "../checkpoint/index.ts";
import { TandemError } from "../errors.ts";
import { resolveWeight, supportedConfig, v4Weights } from "../models/index.ts";
import { NUMERICS } from "../ops/index.ts";
import type { WeightSource } from "../tensor/index.ts";
import { checkContext } from "./inspect.ts";
import { type CacheSize, Pricer, type StepPrice } from "./price.ts";
import { V32_CACHE_BYTES_PER_TOKEN, v32DecodeFp8Flops } from "./v32-baseline.ts";

export interface CostOptions {
  /** Tokens in the context when one more is decoded, and tokens of the prompt. Default: what the model was made for. */
  readonly context?: number;
  /** Sequences decoded together; default 1. */
  readonly batch?: number;
  /** Default `fp8-fp4`, as DeepSeek deploys it. */
  readonly cacheLayout?: CacheLayout;
  /** Default `official`. */
  readonly numerics?: string;
}

/** What a model costs at a context length. Plain data. */
export interface CostReport extends Required<CostOptions> {
  /** One token of each sequence of the batch. */
  readonly decode: StepPrice;
  /** The whole prompt of one sequence in one step. */
  readonly prefill: StepPrice;
  /** One sequence, in every layout. */
  readonly cache: readonly CacheSize[];
  /** One sequence, as parts of what DeepSeek-V3.2 needs; its cache in FP8, or in BF16 beside an unquantised one. */
  readonly againstV32: { readonly decodeFlops: number; readonly cacheBytesPerToken: number; readonly v32Cache: "fp8" | "bf16" };
}

/** Errors: those of `supportedConfig`, `engine/bad-option`, and the first tensor that is missing or wrong. */
export function inspectCost(checkpoint: Checkpoint, options: CostOptions = {}): CostReport {
  const config = supportedConfig(checkpoint.config);
  const { context = config.maxPositions, batch = 1, cacheLayout = "fp8-fp4", numerics: name = "official" } = options;
  checkContext(config, context);
  const numerics = NUMERICS.get(name);
  if (!numerics)
    throw new TandemError("engine/bad-option", { option: "numerics", value: name, expected: [...NUMERICS.keys()].join(" or ") });
  const weights: WeightSource[] = [];
  v4Weights(config, (name, shape, storage) => weights.push(resolveWeight(checkpoint.tensors, name, shape, storage, config.weightBlock)));

  const pricer = new Pricer(config, weights, numerics, cacheLayout);
  const decode = pricer.decode(context, batch);
  const cache = CACHE_LAYOUTS.map((layout) => new Pricer(config, weights, numerics, layout).cache(context));
  const v32Cache = cacheLayout.startsWith("fp8") ? "fp8" : "bf16";
  return {
    context,
    batch,
    cacheLayout,
    numerics: name,
    decode,
    prefill: pricer.prefill(context),
    cache,
    againstV32: {
      decodeFlops: (batch === 1 ? decode : pricer.decode(context)).fp8EquivalentFlops / v32DecodeFp8Flops(context),
      cacheBytesPerToken: cache.find(({ layout }) => layout === cacheLayout)!.bytesPerToken / V32_CACHE_BYTES_PER_TOKEN[v32Cache],
      v32Cache,
    },
  };
}
