/** `config.json` of the published checkpoints (preview revisions, with an MTP block). Source: v4-architecture section 1.1. */

const COMMON = {
  architectures: ["DeepseekV4ForCausalLM"],
  model_type: "deepseek_v4",
  vocab_size: 129280,
  num_key_value_heads: 1,
  head_dim: 512,
  qk_rope_head_dim: 64,
  o_lora_rank: 1024,
  sliding_window: 128,
  compress_rope_theta: 160000,
  rope_theta: 10000,
  rope_scaling: { type: "yarn", factor: 16, original_max_position_embeddings: 65536, beta_fast: 32, beta_slow: 1 },
  max_position_embeddings: 1048576,
  index_n_heads: 64,
  index_head_dim: 128,
  num_experts_per_tok: 6,
  n_shared_experts: 1,
  num_hash_layers: 3,
  scoring_func: "sqrtsoftplus",
  topk_method: "noaux_tc",
  norm_topk_prob: true,
  swiglu_limit: 10.0,
  hidden_act: "silu",
  hc_mult: 4,
  hc_sinkhorn_iters: 20,
  hc_eps: 1e-6,
  rms_norm_eps: 1e-6,
  num_nextn_predict_layers: 1,
  tie_word_embeddings: false,
  attention_bias: false,
  bos_token_id: 0,
  eos_token_id: 1,
  torch_dtype: "bfloat16",
  quantization_config: {
    quant_method: "fp8",
    fmt: "e4m3",
    activation_scheme: "dynamic",
    scale_fmt: "ue8m0",
    weight_block_size: [128, 128],
  },
  expert_dtype: "fp4",
};

const alternating = (pairs: number) => Array.from({ length: pairs }, () => [4, 128]).flat();

export const FLASH = {
  ...COMMON,
  num_hidden_layers: 43,
  hidden_size: 4096,
  num_attention_heads: 64,
  q_lora_rank: 1024,
  o_groups: 8,
  compress_ratios: [0, 0, ...alternating(20), 4, 0],
  index_topk: 512,
  n_routed_experts: 256,
  moe_intermediate_size: 2048,
  routed_scaling_factor: 1.5,
};

export const PRO: typeof FLASH = {
  ...COMMON,
  num_hidden_layers: 61,
  hidden_size: 7168,
  num_attention_heads: 128,
  q_lora_rank: 1536,
  o_groups: 16,
  compress_ratios: [128, 128, ...alternating(29), 4, 0],
  index_topk: 1024,
  n_routed_experts: 384,
  moe_intermediate_size: 3072,
  routed_scaling_factor: 2.5,
};

export type PublishedConfig = typeof FLASH;

/** The families of which smaller models can be made. */
export const PUBLISHED = { flash: FLASH, pro: PRO } as const;
export type Family = keyof typeof PUBLISHED;
