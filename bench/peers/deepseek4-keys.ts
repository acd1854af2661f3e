/** The GGUF keys of llama.cpp's `deepseek4`, and a vocabulary that only has the right size. */
import { parseV4Config } from "../../src/models/index.ts";
import type { GgufValue } from "./gguf.ts";

const ARCHITECTURE = "deepseek4";
/** llama.cpp's number for √softplus routing scores. */
const SQRT_SOFTPLUS = 4;

/** From a checkpoint's `config.json`, which is checked first. */
export function deepseek4Keys(config: Readonly<Record<string, unknown>>): Record<string, GgufValue> {
  const c = parseV4Config(config);
  const number = (key: string): number => config[key] as number;
  const layerwise = (value: number): GgufValue => ({ f32s: Array.from({ length: c.layers }, () => value) });
  const own: Record<string, GgufValue> = {
    vocab_size: { u32: c.vocabSize },
    context_length: { u32: c.maxPositions },
    embedding_length: { u32: c.hidden },
    embedding_length_out: { u32: c.hidden * c.streams },
    block_count: { u32: c.layers },
    expert_count: { u32: c.experts },
    expert_used_count: { u32: c.expertsPerToken },
    expert_shared_count: { u32: c.sharedExperts },
    expert_feed_forward_length: { u32: c.expertHidden },
    expert_weights_scale: { f32: c.routeScale },
    expert_weights_norm: { bool: true },
    expert_gating_func: { u32: SQRT_SOFTPLUS },
    swiglu_clamp_exp: layerwise(c.swigluLimit),
    swiglu_clamp_shexp: layerwise(c.swigluLimit),
    hash_layer_count: { u32: c.hashLayers },
    "attention.head_count": { u32: c.heads },
    "attention.head_count_kv": { u32: 1 },
    "attention.key_length": { u32: c.headDim },
    "attention.value_length": { u32: c.headDim },
    "attention.layer_norm_rms_epsilon": { f32: c.normEps },
    "attention.q_lora_rank": { u32: c.qRank },
    "attention.sliding_window": { u32: c.window },
    "attention.indexer.head_count": { u32: c.index.heads },
    "attention.indexer.key_length": { u32: c.index.headDim },
    "attention.indexer.top_k": { u32: c.index.topK },
    "attention.output_group_count": { u32: c.outputGroups },
    "attention.output_lora_rank": { u32: c.outputRank },
    "attention.compress_ratios": { i32s: c.ratios.slice(0, c.layers) },
    "attention.compress_rope_freq_base": { f32: number("compress_rope_theta") },
    "hyper_connection.count": { u32: c.streams },
    "hyper_connection.sinkhorn_iterations": { u32: c.sinkhornIterations },
    "hyper_connection.epsilon": { f32: c.hyperEps },
    "rope.dimension_count": { u32: c.ropeDim },
    "rope.freq_base": { f32: number("rope_theta") },
    ...yarnKeys(config.rope_scaling as Record<string, number> | undefined),
  };
  return {
    "general.architecture": { string: ARCHITECTURE },
    ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`${ARCHITECTURE}.${key}`, value])),
    ...vocabularyKeys(c.vocabSize),
  };
}

function yarnKeys(yarn: Readonly<Record<string, number>> | undefined): Record<string, GgufValue> {
  if (!yarn) return {};
  return {
    "rope.scaling.type": { string: "yarn" },
    "rope.scaling.factor": { f32: yarn.factor! },
    "rope.scaling.original_context_length": { u32: yarn.original_max_position_embeddings! },
    "rope.scaling.yarn_beta_fast": { f32: yarn.beta_fast ?? 32 },
    "rope.scaling.yarn_beta_slow": { f32: yarn.beta_slow ?? 1 },
  };
}

/**
 * Begin, end, unknown, a space, one token for each ASCII byte, then names no text contains: an ASCII text of n bytes is n tokens.
 * No token for higher bytes: alone they are not UTF-8, and wllama fails on an answer that is not.
 */
function vocabularyKeys(size: number): Record<string, GgufValue> {
  const [NORMAL, UNKNOWN, CONTROL, BYTE] = [1, 2, 3, 6];
  const special = ["<s>", "</s>", "<unk>", "▁"];
  const ascii = Array.from({ length: 128 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const known = [...special, ...ascii];
  if (size < known.length) throw new Error(`a vocabulary of ${size} has no room for ${known.length} tokens`);
  const type = (id: number): number => (id < 2 ? CONTROL : id === 2 ? UNKNOWN : id === 3 || id >= known.length ? NORMAL : BYTE);
  return {
    "tokenizer.ggml.model": { string: "llama" },
    "tokenizer.ggml.tokens": { strings: [...known, ...Array.from({ length: size - known.length }, (_, i) => ` w${i}`)] },
    "tokenizer.ggml.scores": { f32s: Array.from({ length: size }, (_, i) => -i) },
    "tokenizer.ggml.token_type": { i32s: Array.from({ length: size }, (_, id) => type(id)) },
    "tokenizer.ggml.bos_token_id": { u32: 0 },
    "tokenizer.ggml.eos_token_id": { u32: 1 },
    "tokenizer.ggml.unknown_token_id": { u32: 2 },
    "tokenizer.ggml.add_bos_token": { bool: false },
    "tokenizer.ggml.add_eos_token": { bool: false },
    "tokenizer.ggml.add_space_prefix": { bool: false },
  };
}
