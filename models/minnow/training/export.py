"""Checkpoint of a run -> the model folder in the official on-disk layout.

    python export.py RUN_FOLDER MODEL_FOLDER

Writes config.json and model.safetensors (each to a temporary name first), reads them back, compares with the model that
training held in memory, and has an independent loader (independent.py) read them as well.
"""
import argparse
import hashlib
import os
import re
import shutil

import torch

import independent
from checkpoint import load_model, pack_fp4, scale_bytes, tensor_bytes, write_safetensors
from companions import write_companions, write_json
from config import Config
from model import Model
from quant import split_fp4, split_fp8
from stored import formats, store

HERE = os.path.dirname(os.path.abspath(__file__))


def official_config(cfg):
    return {
        "architectures": ["DeepseekV4ForCausalLM"],
        "attention_bias": False, "attention_dropout": 0.0,
        "bos_token_id": 0, "eos_token_id": 1,
        "compress_ratios": cfg.compress_ratios, "compress_rope_theta": cfg.compress_rope_theta,
        "expert_dtype": "fp4",
        "hc_eps": cfg.hc_eps, "hc_mult": cfg.hc_mult, "hc_sinkhorn_iters": cfg.hc_sinkhorn_iters,
        "head_dim": cfg.head_dim, "hidden_act": "silu", "hidden_size": cfg.hidden_size,
        "index_head_dim": cfg.index_head_dim, "index_n_heads": cfg.index_n_heads, "index_topk": cfg.index_topk,
        "initializer_range": 0.02,
        "max_position_embeddings": cfg.max_position_embeddings,
        "model_type": "deepseek_v4",
        "moe_intermediate_size": cfg.moe_intermediate_size,
        "n_routed_experts": cfg.n_routed_experts, "n_shared_experts": cfg.n_shared_experts,
        "norm_topk_prob": True,
        "num_attention_heads": cfg.num_attention_heads, "num_experts_per_tok": cfg.num_experts_per_tok,
        "num_hash_layers": cfg.num_hash_layers, "num_hidden_layers": cfg.num_hidden_layers,
        "num_key_value_heads": 1, "num_nextn_predict_layers": cfg.num_nextn_predict_layers,
        "o_groups": cfg.o_groups, "o_lora_rank": cfg.o_lora_rank,
        "q_lora_rank": cfg.q_lora_rank, "qk_rope_head_dim": cfg.qk_rope_head_dim,
        "quantization_config": {"activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8",
                                "scale_fmt": "ue8m0", "weight_block_size": [128, 128]},
        "rms_norm_eps": cfg.rms_norm_eps, "rope_scaling": cfg.rope_scaling, "rope_theta": cfg.rope_theta,
        "routed_scaling_factor": cfg.routed_scaling_factor, "scoring_func": "sqrtsoftplus",
        "sliding_window": cfg.sliding_window, "swiglu_limit": cfg.swiglu_limit,
        "tie_word_embeddings": False, "topk_method": "noaux_tc", "torch_dtype": "bfloat16",
        "transformers_version": "4.57.1", "use_cache": True, "vocab_size": cfg.vocab_size,
    }


def stored_tensors(state, kinds):
    """(name, dtype, shape, bytes) in the official naming, experts unstacked."""
    out = []
    for name, t in state.items():
        kind = kinds[name]
        if kind == "fp4":
            base, _, leaf = name.rpartition(".")
            q, s = split_fp4(t)
            q, s = q.flatten(-2), scale_bytes(s.squeeze(-1))
            for e in range(t.shape[0]):
                packed = pack_fp4(q[e])
                out.append((f"{base}.{e}.{leaf}.weight", "I8", packed.shape, packed.numpy().tobytes()))
                out.append((f"{base}.{e}.{leaf}.scale", "F8_E8M0", s[e].shape, s[e].numpy().tobytes()))
        elif kind == "fp8":
            q, s = split_fp8(t)
            w = q.flatten(-4, -3).flatten(-2).to(torch.float8_e4m3fn)
            s = scale_bytes(s.squeeze(-1).squeeze(-2))
            out.append((name, "F8_E4M3", w.shape, tensor_bytes(w)))
            out.append((re.sub("weight$", "scale", name), "F8_E8M0", s.shape, s.numpy().tobytes()))
        elif kind == "bf16":
            out.append((name, "BF16", t.shape, tensor_bytes(t.to(torch.bfloat16))))
        elif kind == "f32":
            out.append((name, "F32", t.shape, tensor_bytes(t.to(torch.float32))))
        else:
            out.append((name, "I64", t.shape, tensor_bytes(t)))
    return sorted(out)


def restore(run):
    """(config, live model with stored weights, master state) of a run's last checkpoint."""
    saved = torch.load(os.path.join(run, "checkpoint.pt"))
    cfg = Config.from_dict(saved["config"])
    model = Model(cfg)
    for name, tensor in saved["buffers"].items():
        model.get_buffer(name).copy_(tensor)
    kinds = formats(model)
    store(model, saved["masters"], kinds)
    state = {**{n: saved["buffers"][n] for n in saved["buffers"]}, **saved["masters"]}
    return cfg, model, state, kinds, saved


@torch.no_grad()
def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("run")
    ap.add_argument("folder")
    args = ap.parse_args()
    cfg, model, state, kinds, saved = restore(args.run)
    os.makedirs(args.folder, exist_ok=True)
    weights = os.path.join(args.folder, "model.safetensors")
    write_safetensors(weights + ".tmp", stored_tensors(state, kinds))
    write_json(os.path.join(args.folder, "config.json"), official_config(cfg))
    os.replace(weights + ".tmp", weights)
    write_companions(args.folder, cfg.max_position_embeddings)
    encoding = os.path.normpath(os.path.join(HERE, "..", "encoding"))
    if os.path.abspath(os.path.join(args.folder, "encoding")) != encoding:
        shutil.copytree(encoding, os.path.join(args.folder, "encoding"), dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))

    back = load_model(args.folder)
    live = model.double()
    worst = max((a.to(torch.float64) - b.to(torch.float64)).abs().max().item()
                for a, b in zip(live.state_dict().values(), back.state_dict().values()))
    ids = torch.randint(3, cfg.vocab_size, (1, 300), generator=torch.Generator().manual_seed(0))
    diff = (live(ids) - back(ids)).abs().max().item()
    with open(weights, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    print(f"step {saved['step']}, {saved['tokens']} tokens, {os.path.getsize(weights)} bytes, sha256 {digest}")
    print(f"{sum(p.numel() for p in live.parameters())} parameters; "
          f"read back: max weight difference {worst:.1e}, max logit difference {diff:.1e}")
    assert worst == 0 and diff == 0
    difference = independent.largest_difference(args.folder)
    print(f"transformers reads the same model: largest difference of a logit {difference:.1e}")
    assert difference < independent.TOLERANCE


if __name__ == "__main__":
    main()
