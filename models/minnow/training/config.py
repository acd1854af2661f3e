"""Reading a V4-shaped `config.json`.

Only official field names are used, so the same class describes Minnow, a test
model or the full-size checkpoints.
"""
import json
from dataclasses import dataclass, field, fields


@dataclass
class Config:
    vocab_size: int = 1024
    hidden_size: int = 256
    num_hidden_layers: int = 6
    num_attention_heads: int = 4
    head_dim: int = 256
    qk_rope_head_dim: int = 64
    q_lora_rank: int = 128
    o_groups: int = 2
    o_lora_rank: int = 128
    sliding_window: int = 128
    compress_ratios: list = field(default_factory=lambda: [0, 4, 128, 4, 4, 0, 0])
    rope_theta: float = 10000.0
    compress_rope_theta: float = 160000.0
    rope_scaling: dict = field(default_factory=lambda: {
        "type": "yarn", "factor": 16, "original_max_position_embeddings": 1088,
        "beta_fast": 32, "beta_slow": 1})
    index_n_heads: int = 4
    index_head_dim: int = 128
    index_topk: int = 64
    n_routed_experts: int = 16
    num_experts_per_tok: int = 2
    n_shared_experts: int = 1
    moe_intermediate_size: int = 128
    num_hash_layers: int = 2
    routed_scaling_factor: float = 1.5
    swiglu_limit: float = 10.0
    hc_mult: int = 4
    hc_sinkhorn_iters: int = 20
    hc_eps: float = 1e-6
    rms_norm_eps: float = 1e-6
    num_nextn_predict_layers: int = 1
    max_position_embeddings: int = 17408

    @classmethod
    def from_dict(cls, raw):
        names = {f.name for f in fields(cls)}
        known = {k: v for k, v in raw.items() if k in names}
        if known.get("rope_scaling", 1) is None:
            known.pop("rope_scaling")
        return cls(**known)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            return cls.from_dict(json.load(f))

    def ratio(self, layer):
        """Compression ratio of a layer; MTP blocks follow the last layer."""
        return self.compress_ratios[layer] if layer < len(self.compress_ratios) else 0
