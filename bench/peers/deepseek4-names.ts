/** The names of llama.cpp's `deepseek4` for a V4 checkpoint's tensors. */

/** Outside the layers. */
const ROOT: Readonly<Record<string, string>> = {
  "embed.weight": "token_embd.weight",
  "norm.weight": "output_norm.weight",
  "head.weight": "output.weight",
  hc_head_fn: "output_hc_fn.weight",
  hc_head_base: "output_hc_base.weight",
  hc_head_scale: "output_hc_scale.weight",
};

/** After `layers.L.`, for `blk.L.`. */
const LAYER: Readonly<Record<string, string>> = {
  "attn_norm.weight": "attn_norm.weight",
  "ffn_norm.weight": "ffn_norm.weight",
  hc_attn_fn: "hc_attn_fn.weight",
  hc_attn_base: "hc_attn_base.weight",
  hc_attn_scale: "hc_attn_scale.weight",
  hc_ffn_fn: "hc_ffn_fn.weight",
  hc_ffn_base: "hc_ffn_base.weight",
  hc_ffn_scale: "hc_ffn_scale.weight",
  "attn.attn_sink": "attn_sinks.weight",
  "attn.wq_a.weight": "attn_q_a.weight",
  "attn.q_norm.weight": "attn_q_a_norm.weight",
  "attn.wq_b.weight": "attn_q_b.weight",
  "attn.wkv.weight": "attn_kv.weight",
  "attn.kv_norm.weight": "attn_kv_a_norm.weight",
  "attn.wo_a.weight": "attn_output_a.weight",
  "attn.wo_b.weight": "attn_output_b.weight",
  "attn.compressor.wkv.weight": "attn_compressor_kv.weight",
  "attn.compressor.wgate.weight": "attn_compressor_gate.weight",
  "attn.compressor.ape": "attn_compressor_ape.weight",
  "attn.compressor.norm.weight": "attn_compressor_norm.weight",
  "attn.indexer.wq_b.weight": "indexer.attn_q_b.weight",
  "attn.indexer.weights_proj.weight": "indexer.proj.weight",
  "attn.indexer.compressor.wkv.weight": "indexer_compressor_kv.weight",
  "attn.indexer.compressor.wgate.weight": "indexer_compressor_gate.weight",
  "attn.indexer.compressor.ape": "indexer_compressor_ape.weight",
  "attn.indexer.compressor.norm.weight": "indexer_compressor_norm.weight",
  "ffn.gate.weight": "ffn_gate_inp.weight",
  "ffn.gate.bias": "exp_probs_b.bias",
  "ffn.gate.tid2eid": "ffn_gate_tid2eid.weight",
  "ffn.shared_experts.w1.weight": "ffn_gate_shexp.weight",
  "ffn.shared_experts.w2.weight": "ffn_down_shexp.weight",
  "ffn.shared_experts.w3.weight": "ffn_up_shexp.weight",
  // Routed experts: one tensor for all of a layer.
  "ffn.experts.w1.weight": "ffn_gate_exps.weight",
  "ffn.experts.w2.weight": "ffn_down_exps.weight",
  "ffn.experts.w3.weight": "ffn_up_exps.weight",
};

/** `layers.3.attn.wkv.weight` → `blk.3.attn_kv.weight`; an expert's number is left out. */
export function ggufName(name: string): string {
  const [, layer, rest] = /^layers\.(\d+)\.(.+)$/.exec(name) ?? [];
  const known = rest === undefined ? ROOT[name] : LAYER[rest.replace(/^ffn\.experts\.\d+\./, "ffn.experts.")];
  if (known === undefined) throw new Error(`llama.cpp has no place for ${name}`);
  return layer === undefined ? known : `blk.${layer}.${known}`;
}
