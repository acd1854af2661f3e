"""Random tiny DeepSeek-V4 model computed by Hugging Face transformers, as a fixture for tests/models/transformers.test.ts.

    pip install torch==2.13.0 transformers safetensors
    python scripts/oracles/transformers_v4.py tests/fixtures/models/transformers-v4

Weights are drawn at random, rounded to BF16, stored under the official on-disk names, and run in float32 on CPU.
transformers has no MTP block and no activation quantisers, so what is compared is the `float` forward of the backbone.
"""

import json
import re
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import DeepseekV4Config, DeepseekV4ForCausalLM

CONFIG = {
    "architectures": ["DeepseekV4ForCausalLM"],
    "model_type": "deepseek_v4",
    "vocab_size": 96,
    "hidden_size": 48,
    "num_hidden_layers": 5,
    "compress_ratios": [0, 4, 128, 4, 128],
    "num_hash_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "head_dim": 32,
    "qk_rope_head_dim": 8,
    "q_lora_rank": 24,
    "o_groups": 2,
    "o_lora_rank": 12,
    "sliding_window": 12,
    "index_n_heads": 16,
    "index_head_dim": 16,
    "index_topk": 6,
    "n_routed_experts": 6,
    "num_experts_per_tok": 3,
    "moe_intermediate_size": 20,
    "n_shared_experts": 1,
    "hc_mult": 4,
    "hc_sinkhorn_iters": 20,
    "hc_eps": 1e-6,
    "rms_norm_eps": 1e-6,
    "swiglu_limit": 0.7,
    "routed_scaling_factor": 2.5,
    "scoring_func": "sqrtsoftplus",
    "rope_theta": 10000.0,
    "compress_rope_theta": 160000.0,
    "rope_scaling": {"type": "yarn", "factor": 16, "original_max_position_embeddings": 64, "beta_fast": 32, "beta_slow": 1},
    "max_position_embeddings": 1024,
    "num_nextn_predict_layers": 0,
    "tie_word_embeddings": False,
}
TOKENS = 300
POSITIONS = [0, 3, 11, 12, 63, 127, 128, 131, 200, 255, 256, 299]

RENAMES = [
    (r"^lm_head\.", "head."),
    (r"^model\.", ""),
    (r"^embed_tokens\.", "embed."),
    (r"^hc_head\.hc_", "hc_head_"),
    (r"input_layernorm", "attn_norm"),
    (r"post_attention_layernorm", "ffn_norm"),
    (r"attn_hc\.", "hc_attn_"),
    (r"ffn_hc\.", "hc_ffn_"),
    (r"self_attn\.compressor\.indexer\.scorer\.weights_proj", "attn.indexer.weights_proj"),
    (r"self_attn\.compressor\.indexer\.q_b_proj", "attn.indexer.wq_b"),
    (r"self_attn\.compressor\.indexer\.", "attn.indexer.compressor."),
    (r"self_attn\.", "attn."),
    (r"compressor\.kv_proj", "compressor.wkv"),
    (r"compressor\.gate_proj", "compressor.wgate"),
    (r"compressor\.kv_norm", "compressor.norm"),
    (r"compressor\.position_bias", "compressor.ape"),
    (r"attn\.sinks", "attn.attn_sink"),
    (r"q_a_proj", "wq_a"),
    (r"q_a_norm", "q_norm"),
    (r"q_b_proj", "wq_b"),
    (r"attn\.kv_proj", "attn.wkv"),
    (r"o_a_proj", "wo_a"),
    (r"o_b_proj", "wo_b"),
    (r"mlp\.", "ffn."),
    (r"gate\.e_score_correction_bias", "gate.bias"),
    (r"shared_experts\.gate_proj", "shared_experts.w1"),
    (r"shared_experts\.up_proj", "shared_experts.w3"),
    (r"shared_experts\.down_proj", "shared_experts.w2"),
]


def official(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Renames to the official names and unstacks the experts."""
    tensors = {}
    for name, value in state.items():
        for pattern, replacement in RENAMES:
            name = re.sub(pattern, replacement, name)
        value = value.contiguous()
        if name.endswith("experts.gate_up_proj"):
            base = name.removesuffix("gate_up_proj")
            for e, both in enumerate(value):
                w1, w3 = both.chunk(2)
                tensors[f"{base}{e}.w1.weight"], tensors[f"{base}{e}.w3.weight"] = w1.clone(), w3.clone()
        elif name.endswith("experts.down_proj"):
            base = name.removesuffix("down_proj")
            for e, w2 in enumerate(value):
                tensors[f"{base}{e}.w2.weight"] = w2.clone()
        else:
            tensors[name] = value
    return tensors


def main(folder: Path) -> None:
    torch.manual_seed(20260424)
    fields = {k: v for k, v in CONFIG.items() if k not in ("architectures", "model_type", "rope_scaling")}
    scaling = {("rope_type" if k == "type" else k): v for k, v in CONFIG["rope_scaling"].items()}
    model = DeepseekV4ForCausalLM(DeepseekV4Config(**fields, rope_parameters=scaling, attn_implementation="eager")).float().eval()
    with torch.no_grad():
        for name, p in [*model.named_parameters(), *model.named_buffers()]:
            if not p.dtype.is_floating_point or "inv_freq" in name:
                continue
            spread = 0.1 if "norm" in name else 0.5 if "hc.scale" in name or "hc_scale" in name else 1.0 if p.ndim < 2 else (3 / p.shape[-1]) ** 0.5
            value = (torch.rand_like(p) * 2 - 1) * spread + (1.0 if "norm" in name else 0.0)
            p.copy_(value.bfloat16().float())
        for name, b in model.named_buffers():
            if name.endswith("tid2eid"):
                b.copy_(torch.stack([torch.randperm(CONFIG["n_routed_experts"])[: b.shape[1]] for _ in range(b.shape[0])]))
        tokens = torch.randint(0, CONFIG["vocab_size"], (1, TOKENS))
        logits = model(tokens).logits[0]
    state = {k: v for k, v in model.state_dict().items() if "inv_freq" not in k}
    tensors = {k: v.bfloat16() if v.dtype.is_floating_point else v.long() for k, v in official(state).items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=1) + "\n")
    expected = {"by": f"transformers {transformers.__version__}, torch {torch.__version__}, float32", "tokens": tokens[0].tolist(),
                "positions": [{"position": p, "logits": logits[p].tolist()} for p in POSITIONS]}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
