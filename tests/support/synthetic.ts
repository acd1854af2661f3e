import type { Checkpoint, TensorSpec } from "../../src/checkpoint/index.ts";
import { blockFormat, encodeArray, quantise } from "../../src/formats/index.ts";
import { expectedTensors, type OfficialStorage, scaleName, supportedConfig } from "../../src/models/index.ts";
import { elements } from "../../src/tensor/index.ts";
import { checkpointFromTensors } from "./checkpoint.ts";
import { microIndices, microValue } from "./micro.ts";

/**
 * Quantised checkpoints in the official layout, made from names and seeds like the micro model, so that logits computed
 * elsewhere can be committed without committing weights. Shapes follow v4-architecture section 9.1 and depart from it.
 */
const TINY_Q = {
  architectures: ["DeepseekV4ForCausalLM"],
  model_type: "deepseek_v4",
  vocab_size: 512,
  hidden_size: 128,
  num_hidden_layers: 5,
  compress_ratios: [0, 4, 128, 4, 128, 0],
  num_hash_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 128,
  qk_rope_head_dim: 64,
  q_lora_rank: 128,
  o_groups: 2,
  o_lora_rank: 64,
  sliding_window: 16,
  index_n_heads: 8,
  index_head_dim: 128,
  index_topk: 8,
  n_routed_experts: 4,
  num_experts_per_tok: 2,
  moe_intermediate_size: 128,
  n_shared_experts: 1,
  hc_mult: 4,
  hc_sinkhorn_iters: 20,
  hc_eps: 1e-6,
  rms_norm_eps: 1e-6,
  swiglu_limit: 1.0,
  routed_scaling_factor: 1.5,
  scoring_func: "sqrtsoftplus",
  rope_theta: 10000,
  compress_rope_theta: 160000,
  rope_scaling: { type: "yarn", factor: 16, original_max_position_embeddings: 64, beta_fast: 32, beta_slow: 1 },
  max_position_embeddings: 512,
  num_nextn_predict_layers: 1,
  quantization_config: { quant_method: "fp8", fmt: "e4m3", scale_fmt: "ue8m0", weight_block_size: [128, 128] },
  expert_dtype: "fp4",
};

/** FP8 experts, small square blocks with ragged edges, three groups of heads, no hash layer, another window and top-k. */
const ODD = {
  ...TINY_Q,
  vocab_size: 257,
  hidden_size: 96,
  num_hidden_layers: 4,
  compress_ratios: [128, 4, 4, 0, 0],
  num_hash_layers: 0,
  num_attention_heads: 6,
  head_dim: 80,
  qk_rope_head_dim: 16,
  q_lora_rank: 72,
  o_groups: 3,
  o_lora_rank: 40,
  sliding_window: 21,
  index_n_heads: 16,
  index_head_dim: 32,
  index_topk: 5,
  n_routed_experts: 7,
  num_experts_per_tok: 3,
  moe_intermediate_size: 56,
  hc_mult: 3,
  hc_sinkhorn_iters: 7,
  swiglu_limit: 0.8,
  routed_scaling_factor: 2.5,
  rope_scaling: { type: "yarn", factor: 4, original_max_position_embeddings: 128, beta_fast: 16, beta_slow: 2 },
  quantization_config: { ...TINY_Q.quantization_config, weight_block_size: [32, 32] },
  expert_dtype: "fp8",
};

export const SYNTHETIC = { "tiny-q": TINY_Q, odd: ODD } as const;
export type SyntheticName = keyof typeof SYNTHETIC;

type Tensor = TensorSpec & { readonly bytes: Uint8Array };
const plain = (name: string, type: "BF16" | "F32", shape: readonly number[], values: Float32Array): Tensor => ({
  name,
  type,
  shape,
  bytes: encodeArray(type, values),
});

function officialTensor(
  name: string,
  shape: readonly number[],
  storage: OfficialStorage,
  json: (typeof SYNTHETIC)[SyntheticName],
): Tensor[] {
  if (storage === "i64") return [{ name, type: "I64", shape, bytes: microIndices(name, shape, json.n_routed_experts) }];
  const values = Float32Array.from({ length: elements(shape) }, (_, i) => microValue(name, shape, i));
  if (storage === "bf16" || storage === "f32") return [plain(name, storage === "bf16" ? "BF16" : "F32", shape, values)];
  const [rows, columns] = shape as [number, number];
  const fp4 = storage === "fp4" && json.expert_dtype === "fp4";
  const [blockRows, blockColumns] = json.quantization_config.weight_block_size as [number, number];
  const block = fp4
    ? blockFormat("deepseek-fp4")
    : { ...blockFormat("deepseek-fp8-weight"), block: { rows: blockRows, columns: blockColumns } };
  const q = quantise(block, values, rows, columns, { pack: fp4 });
  return [
    { name, type: fp4 ? "INT8" : "E4M3", shape: fp4 ? [rows, columns / 2] : shape, bytes: q.elements },
    { name: scaleName(name), type: "E8M0", shape: q.scaleShape, bytes: q.scales as Uint8Array },
  ];
}

/** Tensors of a synthetic checkpoint, ready to be written. */
export function syntheticTensors(name: SyntheticName): Tensor[] {
  const json = SYNTHETIC[name];
  return expectedTensors(supportedConfig(json)).flatMap((t) => officialTensor(t.name, t.shape, t.storage, json));
}

export const syntheticCheckpoint = (name: SyntheticName): Promise<Checkpoint> =>
  checkpointFromTensors(SYNTHETIC[name], syntheticTensors(name));

/** id_i = (7i² + 3i + 1) mod vocabulary. */
export const syntheticTokens = (name: SyntheticName, length: number): number[] =>
  Array.from({ length }, (_, i) => (7 * i * i + 3 * i + 1) % SYNTHETIC[name].vocab_size);
