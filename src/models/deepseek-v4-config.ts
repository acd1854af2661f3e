import { ConfigReader } from "./config.ts";
import { rotaryFrequencies, type Yarn } from "./rope.ts";

/** Tokens per compressed entry of a layer: 0 sliding window only, 4 CSA (indexed), 128 HCA (all entries). */
export type Ratio = 0 | 4 | 128;

/** Configuration of a DeepSeek-V4 checkpoint, checked. Field names follow `config.json`. Source: v4-architecture section 1.1. */
export interface V4Config {
  readonly vocabSize: number;
  readonly hidden: number;
  readonly layers: number;
  /** One per layer, then one per MTP block or DSpark stage. */
  readonly ratios: readonly Ratio[];
  readonly hashLayers: number;
  readonly heads: number;
  readonly headDim: number;
  readonly ropeDim: number;
  readonly qRank: number;
  readonly outputGroups: number;
  readonly outputRank: number;
  readonly window: number;
  readonly index: { readonly heads: number; readonly headDim: number; readonly topK: number };
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly sharedExperts: number;
  readonly expertHidden: number;
  readonly routeScale: number;
  readonly swigluLimit: number;
  readonly streams: number;
  readonly sinkhornIterations: number;
  readonly hyperEps: number;
  readonly normEps: number;
  readonly maxPositions: number;
  readonly tiedEmbeddings: boolean;
  /** MTP blocks of the preview layout; 0 when the checkpoint carries a DSpark drafter instead. */
  readonly mtpBlocks: number;
  readonly dspark: { readonly stages: number; readonly rank: number; readonly targets: number } | undefined;
  /** Rows × columns that share one FP8 scale. */
  readonly weightBlock: readonly [number, number];
  /** Rotary frequencies of layers without and with compression. */
  readonly frequencies: { readonly plain: Float32Array; readonly compressed: Float32Array };
  readonly bosId: number;
  readonly eosId: number;
}

// Largest values accepted: some four times the largest published model (Pro: 61 layers, 384 experts, hidden 7168), so a
// hostile config cannot make the tensor list or a buffer grow without bound.
const MAX_LAYERS = 256;
const MAX_EXPERTS = 2048;
const MAX_EXPERTS_IN_ALL = 1 << 17;
const MAX_WIDTH = 1 << 17;
const MAX_VOCAB = 1 << 22;
const MAX_POSITIONS = 1 << 26;

function yarnOf(c: ConfigReader): Yarn | undefined {
  const scaling = c.object("rope_scaling");
  if (!scaling) return undefined;
  scaling.choice(scaling.has("type") ? "type" : "rope_type", ["yarn"], "yarn");
  return {
    factor: scaling.number("factor", 1, 1e6),
    original: scaling.integer("original_max_position_embeddings", 1, MAX_POSITIONS),
    betaFast: scaling.number("beta_fast", 1e-6, 1e6, 32),
    betaSlow: scaling.number("beta_slow", 1e-6, 1e6, 1),
  };
}

/** Reads and checks `config.json`. A field that would change the mathematics in a way not implemented is refused. */
export function parseV4Config(json: Readonly<Record<string, unknown>>): V4Config {
  const c = new ConfigReader(json);
  const layers = c.integer("num_hidden_layers", 1, MAX_LAYERS);
  const heads = c.integer("num_attention_heads", 1, 4096);
  const headDim = c.integer("head_dim", 2, MAX_WIDTH);
  const ropeDim = c.integer("qk_rope_head_dim", 2, headDim);
  const outputGroups = c.integer("o_groups", 1, heads);
  const experts = c.integer("n_routed_experts", 1, MAX_EXPERTS);
  const stages = c.has("dspark_block_size");
  const mtp = c.integer("num_nextn_predict_layers", 0, 16, 0);
  const ratios = c.integers("compress_ratios", [0, 4, 128], layers, layers + 32) as Ratio[];
  const indexHeadDim = c.integer("index_head_dim", 2, 4096, 128);
  const quantization = c.object("quantization_config");
  const block = (quantization?.raw("weight_block_size") ?? [128, 128]) as unknown[];
  const blockOk =
    Array.isArray(block) && block.length === 2 && block.every((b) => Number.isInteger(b) && (b as number) >= 1 && (b as number) <= 4096);
  quantization?.require(blockOk, "weight_block_size", "two block lengths");
  c.choice("scoring_func", ["sqrtsoftplus"], "sqrtsoftplus");
  c.choice("topk_method", ["noaux_tc"], "noaux_tc");
  c.choice("hidden_act", ["silu"], "silu");
  c.require(c.boolean("norm_topk_prob", true), "norm_topk_prob", "true");
  c.require(!c.boolean("attention_bias", false), "attention_bias", "false");
  c.require(c.integer("num_key_value_heads", 1, 4096, 1) === 1, "num_key_value_heads", "1");
  // transformers writes the rotary settings under another name; reading neither would silently leave YaRN out.
  c.require(c.has("rope_scaling") || !c.has("rope_parameters"), "rope_scaling", "the official spelling of the rotary settings");
  c.require(ropeDim % 2 === 0, "qk_rope_head_dim", "an even number");
  c.require(ropeDim <= indexHeadDim || !ratios.includes(4), "index_head_dim", "at least qk_rope_head_dim");
  c.require(experts * layers <= MAX_EXPERTS_IN_ALL, "n_routed_experts", `at most ${MAX_EXPERTS_IN_ALL} over all layers`);
  c.require(
    ratios.slice(layers).every((r) => r === 0),
    "compress_ratios",
    "0 for every block after the last layer",
  );
  c.require(heads % outputGroups === 0, "o_groups", "a divisor of num_attention_heads");
  c.require(Number.isInteger(Math.log2(indexHeadDim)), "index_head_dim", "a power of two");
  const theta = c.number("rope_theta", 1, 1e12, 10000);
  return {
    vocabSize: c.integer("vocab_size", 1, MAX_VOCAB),
    hidden: c.integer("hidden_size", 1, MAX_WIDTH),
    layers,
    ratios,
    hashLayers: c.integer("num_hash_layers", 0, layers, 0),
    heads,
    headDim,
    ropeDim,
    qRank: c.integer("q_lora_rank", 1, MAX_WIDTH),
    outputGroups,
    outputRank: c.integer("o_lora_rank", 1, MAX_WIDTH),
    window: c.integer("sliding_window", 1, 1 << 20),
    index: {
      heads: c.integer("index_n_heads", 1, 4096, 64),
      headDim: indexHeadDim,
      topK: c.integer("index_topk", 1, 1 << 20, 512),
    },
    experts,
    expertsPerToken: c.integer("num_experts_per_tok", 1, experts),
    sharedExperts: c.integer("n_shared_experts", 0, 64, 1),
    expertHidden: c.integer("moe_intermediate_size", 1, MAX_WIDTH),
    routeScale: c.number("routed_scaling_factor", 0, 1e6, 1),
    swigluLimit: c.number("swiglu_limit", 1e-6, 1e30, 10),
    streams: c.integer("hc_mult", 1, 64, 4),
    sinkhornIterations: c.integer("hc_sinkhorn_iters", 1, 1000, 20),
    hyperEps: c.number("hc_eps", 0, 1, 1e-6),
    normEps: c.number("rms_norm_eps", 0, 1, 1e-6),
    maxPositions: c.integer("max_position_embeddings", 1, MAX_POSITIONS, 1 << 20),
    tiedEmbeddings: c.boolean("tie_word_embeddings", false),
    mtpBlocks: stages ? 0 : mtp,
    dspark: stages
      ? { stages: Math.max(ratios.length - layers, 1), rank: c.integer("dspark_markov_rank", 1, MAX_WIDTH), targets: targetCount(c) }
      : undefined,
    weightBlock: block as [number, number],
    frequencies: {
      plain: rotaryFrequencies(ropeDim, theta),
      compressed: rotaryFrequencies(ropeDim, c.number("compress_rope_theta", 1, 1e12, 160000), yarnOf(c)),
    },
    bosId: c.integer("bos_token_id", 0, MAX_VOCAB, 0),
    eosId: c.integer("eos_token_id", 0, MAX_VOCAB, 1),
  };
}

function targetCount(c: ConfigReader): number {
  const ids = c.raw("dspark_target_layer_ids");
  c.require(Array.isArray(ids) && ids.length >= 1 && ids.length <= MAX_LAYERS, "dspark_target_layer_ids", "a list of layers");
  return (ids as unknown[]).length;
}
