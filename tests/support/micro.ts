import type { Checkpoint } from "../../src/checkpoint/index.ts";
import { expectedTensors, supportedConfig } from "../../src/models/index.ts";
import { elements } from "../../src/tensor/index.ts";
import { checkpointFromTensors } from "./checkpoint.ts";
import { fnv1a } from "./fnv1a.ts";

/**
 * The micro model of v4-architecture section 9.2: every layer kind in 0.15 M parameters, its weights a hash of their
 * names, so that golden logits can be checked without a file.
 */
export const MICRO_CONFIG = {
  architectures: ["DeepseekV4ForCausalLM"],
  model_type: "deepseek_v4",
  vocab_size: 64,
  hidden_size: 32,
  num_hidden_layers: 5,
  compress_ratios: [0, 4, 128, 4, 128, 0],
  num_hash_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 32,
  qk_rope_head_dim: 16,
  q_lora_rank: 16,
  o_groups: 2,
  o_lora_rank: 8,
  sliding_window: 8,
  index_n_heads: 8,
  index_head_dim: 32,
  index_topk: 4,
  n_routed_experts: 4,
  num_experts_per_tok: 2,
  moe_intermediate_size: 16,
  n_shared_experts: 1,
  hc_mult: 4,
  hc_sinkhorn_iters: 20,
  hc_eps: 1e-6,
  rms_norm_eps: 1e-6,
  swiglu_limit: 0.5,
  routed_scaling_factor: 1.5,
  rope_theta: 10000,
  compress_rope_theta: 160000,
  rope_scaling: { type: "yarn", factor: 16, original_max_position_embeddings: 64, beta_fast: 32, beta_slow: 1 },
  max_position_embeddings: 4096,
  num_nextn_predict_layers: 1,
  scoring_func: "sqrtsoftplus",
} as const;

/** id_i = (7i² + 3i + 1) mod 64. */
export const MICRO_TOKENS: readonly number[] = Array.from({ length: 150 }, (_, i) => (7 * i * i + 3 * i + 1) % 64);

/** u in [0, 1) of flat element i of tensor `name`. */
export function microUniform(name: string, i: number): number {
  let v = (fnv1a(name) + Math.imul(i, 2654435761)) | 0;
  v ^= v >>> 16;
  v = Math.imul(v, 0x85ebca6b);
  v ^= v >>> 13;
  v = Math.imul(v, 0xc2b2ae35);
  v ^= v >>> 16;
  return (v >>> 0) / 2 ** 32;
}

/** The specified value of flat element i, by the first matching rule on its name. */
export function microValue(name: string, shape: readonly number[], i: number): number {
  const b = 2 * microUniform(name, i) - 1;
  if (name.includes("norm")) return 1 + 0.1 * b;
  if (name.endsWith("_scale")) return 0.5 + 0.1 * b;
  if (name.endsWith("_fn")) return 0.05 * b;
  if (name.endsWith("_base")) return b;
  if (name.endsWith("ape")) return 0.5 * b;
  if (name.endsWith("attn_sink")) return b;
  if (name.endsWith("gate.bias")) return 0.2 * b;
  if (name === "embed.weight") return b;
  return b * Math.sqrt(3 / shape[1]!);
}

/** Expert ids: row r, column j is (floor(E · u(2r)) + 3j) mod E, all different for K ≤ E when 3 does not divide E. */
export function microIndices(name: string, shape: readonly number[], experts: number): Uint8Array {
  const width = shape[1]!;
  const ids = BigInt64Array.from({ length: elements(shape) }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return BigInt((Math.floor(experts * microUniform(name, 2 * row)) + 3 * column) % experts);
  });
  return new Uint8Array(ids.buffer);
}

function microBytes(name: string, shape: readonly number[]): Uint8Array {
  if (name.endsWith("tid2eid")) return microIndices(name, shape, 4);
  return new Uint8Array(Float32Array.from({ length: elements(shape) }, (_, i) => microValue(name, shape, i)).buffer);
}

/** Tensors of a checkpoint of any V4 configuration with the micro model's weights, in float32 under the official names. */
export function microTensors(config: Readonly<Record<string, unknown>>) {
  return expectedTensors(supportedConfig(config)).map(({ name, shape, storage }) => ({
    name,
    type: storage === "i64" ? ("I64" as const) : ("F32" as const),
    shape,
    bytes: microBytes(name, shape),
  }));
}

/** The micro checkpoint in memory. */
export const microCheckpoint = (): Promise<Checkpoint> => checkpointFromTensors(MICRO_CONFIG, microTensors(MICRO_CONFIG));
