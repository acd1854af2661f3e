"""Checks `model.py` against the published micro golden logits, in float64.

The weights are a hash of tensor name and index, so nothing has to be downloaded.
"""
import re

import torch

from config import Config
from model import Model

MICRO = Config(
    vocab_size=64, hidden_size=32, num_hidden_layers=5, compress_ratios=[0, 4, 128, 4, 128, 0], num_hash_layers=2,
    num_attention_heads=2, head_dim=32, qk_rope_head_dim=16, q_lora_rank=16, o_groups=2, o_lora_rank=8,
    sliding_window=8, index_n_heads=8, index_head_dim=32, index_topk=4, n_routed_experts=4, num_experts_per_tok=2,
    moe_intermediate_size=16, swiglu_limit=0.5, routed_scaling_factor=1.5,
    rope_scaling={"type": "yarn", "factor": 16, "original_max_position_embeddings": 64, "beta_fast": 32, "beta_slow": 1})

GOLDEN = {0: ([-0.391019, -0.665142, -0.654999, -0.793045], 47, 6.986642),
          5: ([-1.479496, -0.917905, 0.292654, -1.347501], 36, 6.950877),
          40: ([-1.425844, -1.067851, 0.694468, -0.032151], 34, 7.677721),
          149: ([1.439302, 0.603153, 1.274505, -0.707364], 8, 7.298527)}
GOLDEN_MTP = ([1.450633, -0.513764, 0.236366, 0.940042], 31)
GOLDEN_STATE = [1.893352, -1.001856, 0.331688, -0.674461]


def uniform(name, count):
    h = 2166136261
    for byte in name.encode():
        h = (h ^ byte) * 16777619 % 2 ** 32
    out = []
    for i in range(count):
        v = (h + i * 2654435761) % 2 ** 32
        v ^= v >> 16
        v = v * 0x85EBCA6B % 2 ** 32
        v ^= v >> 13
        v = v * 0xC2B2AE35 % 2 ** 32
        v ^= v >> 16
        out.append(v / 2 ** 32)
    return torch.tensor(out, dtype=torch.float64)


def fill(name, shape):
    """Deterministic weight of one official tensor name."""
    count = 1
    for s in shape:
        count *= s
    u = uniform(name, count)
    b = 2 * u - 1
    if name.endswith("tid2eid"):
        rows = torch.floor(4 * u[0::2][:shape[0]]).to(torch.int64)
        return torch.stack([(rows + 3 * j) % 4 for j in range(shape[1])], 1)
    if "norm" in name:
        b = 1 + 0.1 * b
    elif name.endswith("_scale"):
        b = 0.5 + 0.1 * b
    elif name.endswith("_fn"):
        b = 0.05 * b
    elif name.endswith("_base"):
        pass
    elif name.endswith("ape"):
        b = 0.5 * b
    elif name.endswith("attn_sink"):
        pass
    elif name.endswith("gate.bias"):
        b = 0.2 * b
    elif name == "embed.weight":
        pass
    else:
        b = b * (3 / shape[-1]) ** 0.5
    return b.view(shape)


def micro_model():
    model = Model(MICRO).double()
    state = {}
    for name, t in model.state_dict().items():
        m = re.match(r"(.*\.experts)\.(w[123])$", name)
        if m:
            state[name] = torch.stack([fill(f"{m[1]}.{e}.{m[2]}.weight", t.shape[1:]) for e in range(t.shape[0])])
        else:
            state[name] = fill(name, t.shape)
    model.load_state_dict(state)
    return model.eval()


@torch.no_grad()
def main():
    model = micro_model()
    ids = torch.tensor([[(7 * i * i + 3 * i + 1) % 64 for i in range(150)]])
    X = model.streams(ids)
    logits = model.logits(model, X)
    worst = 0.0
    for pos, (first, best, norm) in GOLDEN.items():
        row = logits[pos]
        diff = max(abs(a - b) for a, b in zip(row[:4].tolist() + [row.norm().item()], first + [norm]))
        assert row.argmax().item() == best, (pos, row.argmax().item())
        worst = max(worst, diff)
        print(f"position {pos:3d}: max difference {diff:.2e}")
    diff = max(abs(a - b) for a, b in zip(X[149, 0, :4].tolist(), GOLDEN_STATE))
    worst = max(worst, diff)
    print(f"final state : max difference {diff:.2e}")
    Y = model.mtp_streams(X[:149], ids[:, :-1], ids[:, 1:])
    row = model.logits(model.mtp[0], Y)[148]
    diff = max(abs(a - b) for a, b in zip(row[:4].tolist(), GOLDEN_MTP[0]))
    assert row.argmax().item() == GOLDEN_MTP[1]
    worst = max(worst, diff)
    print(f"MTP at 148  : max difference {diff:.2e}")
    print(f"max difference {worst:.2e}")
    assert worst < 3e-6


if __name__ == "__main__":
    main()
