"""experts.py beside the plain PyTorch definition: `python -m fast.check_experts`."""
import statistics
import time
from dataclasses import replace

import torch

from config import Config
from fast.experts import moe
from model import FFN, Model


def build(cfg, hashed, seed):
    """An FFN whose matrices hold BF16 values, in BF16 and the same in float32."""
    torch.manual_seed(seed)
    fast = FFN(cfg, hashed)
    with torch.no_grad():
        for p in fast.parameters():
            p.copy_(torch.randn_like(p) * 1.5 * p.shape[-1] ** -0.5)
        if hashed:
            fast.gate.tid2eid.copy_(torch.randint(cfg.n_routed_experts // 2, (cfg.vocab_size, 1))
                                    + torch.tensor([0, cfg.n_routed_experts // 2]))
        else:
            fast.gate.bias.normal_(std=0.1)
    plain = FFN(cfg, hashed)
    for p in fast.parameters():
        p.data = p.data.to(torch.bfloat16)
    plain.load_state_dict({k: v.float() if v.dtype == torch.bfloat16 else v for k, v in fast.state_dict().items()})
    return fast, plain


def distance(a, b):
    return float((a.detach().float() - b).norm() / b.norm().clamp_min(1e-12))


def compare(cfg, n, hashed, quantise, bound):
    fast, plain = build(cfg, hashed, n)
    model = Model.__new__(Model)
    torch.nn.Module.__init__(model)
    model.cfg, model.numerics = cfg, "fakequant" if quantise else "float"
    ids = torch.randint(cfg.vocab_size, (n,))
    x = torch.randn(n, cfg.hidden_size).to(torch.bfloat16)
    g = torch.randn(n, cfg.hidden_size).to(torch.bfloat16)
    a, b = x.clone().requires_grad_(), x.float().requires_grad_()
    y, load = moe(cfg, fast, a, ids, quantise)
    y.backward(g)
    z = model.moe(plain, b, ids)
    z.backward(g.float())
    assert load == plain.load, (load, plain.load)
    errors = {"y": distance(y, z.detach()), "dx": distance(a.grad, b.grad)}
    for (name, p), (_, q) in zip(fast.named_parameters(), plain.named_parameters()):
        errors[name] = distance(p.grad, q.grad)
    print(f"n={n} hashed={hashed} quantise={quantise} limit={cfg.swiglu_limit}", " ".join(f"{k}={v:.4f}" for k, v in errors.items()))
    assert max(errors.values()) < bound


def timing(cfg, n=4096, repeats=9):
    fast, plain = build(cfg, False, 1)
    model = Model.__new__(Model)
    torch.nn.Module.__init__(model)
    model.cfg, model.numerics = cfg, "fakequant"
    ids = torch.randint(cfg.vocab_size, (n,))
    x = torch.randn(n, cfg.hidden_size).to(torch.bfloat16).requires_grad_()
    for name, run in (("fast", lambda: moe(cfg, fast, x, ids, True)[0]), ("plain", lambda: model.moe(plain, x.float(), ids))):
        there, back = [], []
        for _ in range(repeats if name == "fast" else 3):
            t0 = time.perf_counter()
            y = run()
            t1 = time.perf_counter()
            y.backward(torch.ones_like(y))
            there.append(t1 - t0), back.append(time.perf_counter() - t1)
        print(f"{name}: {statistics.median(there) / n * 1e6:.2f} us/token forward, {statistics.median(back) / n * 1e6:.2f} backward")


if __name__ == "__main__":
    torch.set_num_threads(1)
    small = Config(hidden_size=256, n_routed_experts=16, vocab_size=1024)
    for n in (1, 3, 50, 129, 1500):
        for hashed in (False, True):
            for quantise in (False, True):
                compare(small, n, hashed, quantise, 0.03 if quantise else 0.01)
    # Many values are clamped here; the limit lies between two BF16 values, so that rounding takes none across it.
    compare(replace(small, swiglu_limit=1 + 2.0 ** -8), 1500, False, False, 0.01)
    timing(small)
