import { TandemError } from "../errors.ts";
import { expectedTensors, supportedConfig } from "../models/index.ts";
import { elements } from "../tensor/index.ts";
import { type Family, PUBLISHED, type PublishedConfig } from "./published.ts";

/** Below this not even the smallest model with every mechanism fits. */
export const MIN_PARAMETERS = 5e6;
/** From here on the vocabulary is the family's; smaller models get a share of it, or embedding and head would be all there is. */
const WHOLE_VOCABULARY_FROM = 2e8;
/** More than a token takes (6), so that there is something to choose. */
const MIN_EXPERTS = 8;

/** Numbers a model of this configuration has; scales are none. What `tandem inspect` calls parameters. */
export const parameterCount = (config: Readonly<Record<string, unknown>>): number =>
  expectedTensors(supportedConfig(config)).reduce((sum, { shape }) => sum + elements(shape), 0);

/**
 * `config.json` of a model with about `parameters` numbers (within 5 % from 30 M on, more below) and a family's proportions; the
 * family's own number gives its own configuration. Every width is a candidate, the number of experts is what then fills the count,
 * and the width wins whose experts come closest to the family's times w^¾: half the width, 0.6 times the experts.
 * Error `synth/bad-option` for a number below 5 M or above the family's.
 */
export function configOf(family: Family, parameters: number | "full"): PublishedConfig {
  const published = PUBLISHED[family];
  const full = parameterCount(published);
  if (parameters === "full") return published;
  if (!(parameters >= MIN_PARAMETERS && parameters <= full))
    throw new TandemError("synth/bad-option", { option: "scale", value: parameters, expected: `from ${MIN_PARAMETERS} to ${full} (full)` });

  const vocabulary = nearest(published.vocab_size * Math.min(1, parameters / WHOLE_VOCABULARY_FROM), 128);
  const candidates = widths(published.hidden_size).map((width) => filled(narrowed(published, width, vocabulary), parameters));
  const surprise = (c: PublishedConfig) => {
    const w = c.hidden_size / published.hidden_size;
    const ratio = c.n_routed_experts / (published.n_routed_experts * Math.sqrt(w * Math.sqrt(w)));
    return Math.max(ratio, 1 / ratio);
  };
  return candidates.reduce((best, c) => (surprise(c) < surprise(best) ? c : best));
}

/** 128, then multiples of 256. */
const widths = (most: number) => [128, ...Array.from({ length: most / 256 }, (_, i) => 256 * (i + 1))];

const nearest = (value: number, step: number, least = step) => Math.max(least, step * Math.round(value / step));

/**
 * The family at another width, experts not yet counted. With w = width / the family's width: depth, heads, ranks and indexer heads
 * shrink by w, an expert's width by w√w (so that experts stay many). Depth stays odd and at least 5, which keeps both compressions
 * with either kind of routing; what has columns stays a multiple of 128 (FP8 blocks). Nothing but √, the same on every machine.
 */
function narrowed(published: PublishedConfig, width: number, vocabulary: number): PublishedConfig {
  const w = width / published.hidden_size;
  const layers = Math.max(5, 2 * Math.round((published.num_hidden_layers * w - 1) / 2) + 1);
  const heads = nearest(published.num_attention_heads * w, 8);
  return {
    ...published,
    vocab_size: vocabulary,
    hidden_size: width,
    num_hidden_layers: layers,
    compress_ratios: [...published.compress_ratios.slice(0, layers), 0],
    num_attention_heads: heads,
    head_dim: width >= 2048 ? published.head_dim : width >= 1024 ? 256 : 128,
    o_groups: Math.max(2, heads / 8),
    q_lora_rank: nearest(published.q_lora_rank * w, 128),
    o_lora_rank: nearest(published.o_lora_rank * w, 128),
    index_n_heads: nearest(published.index_n_heads * w, 8),
    // Small models are run on short texts; the family's number would never leave an entry out.
    index_topk: Math.min(published.index_topk, width / 2),
    moe_intermediate_size: nearest(published.moe_intermediate_size * w * Math.sqrt(w), 128),
  };
}

/** With the number of experts that brings a configuration closest to `parameters`: each adds the same. */
function filled(config: PublishedConfig, parameters: number): PublishedConfig {
  const withExperts = (n: number) => ({ ...config, n_routed_experts: n });
  const least = parameterCount(withExperts(MIN_EXPERTS));
  const each = parameterCount(withExperts(MIN_EXPERTS + 1)) - least;
  return withExperts(MIN_EXPERTS + Math.max(0, Math.round((parameters - least) / each)));
}
