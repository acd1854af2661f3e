"""mixing.py beside the plain PyTorch definition: `python -m fast.check_mixing`."""
import statistics
import time
import types

import torch

import model as definition
from config import Config
from fast.mixing import head, post, pre
from model import Model

NAMES = ("fn", "base", "scale", "norm")


def plain_model(cfg):
    m = Model.__new__(Model)
    torch.nn.Module.__init__(m)
    m.cfg, m.numerics = cfg, "float"
    return m


def weights(cfg, outputs, scales):
    D = cfg.hidden_size
    base = torch.randn(outputs) * 0.5
    if outputs > 4:
        base[8:] += 2 * torch.eye(4).flatten()
    fn = (torch.randn(outputs, 4 * D) * 0.05).to(torch.bfloat16).float()
    return [t.requires_grad_() for t in (fn, base, torch.rand(scales) + 0.5, torch.rand(D) + 0.5)]


def copies(tensors):
    return [t.detach().clone().requires_grad_() for t in tensors]


def plain_site(m, X, fn, base, scale, norm, part):
    block = types.SimpleNamespace(hc_x_fn=fn, hc_x_base=base, hc_x_scale=scale)
    a, c, b = m.mix(block, "x", X)
    x = m.rms(m.collapse(a, X), types.SimpleNamespace(weight=norm))
    return m.expand(c, b, X, part(x))


def plain_head(m, X, fn, base, scale, norm):
    owner = types.SimpleNamespace(hc_head_fn=fn, hc_head_base=base, hc_head_scale=scale)
    return m.rms(m.head_collapse(owner, X), types.SimpleNamespace(weight=norm))


def fast_site(cfg, X, *w, part):
    x, site = pre(X, *w, cfg)
    return post(site, part(x))


def distance(a, b):
    return float((a.detach().float() - b.detach()).norm() / b.detach().norm().clamp_min(1e-12))


def compare(cfg, n):
    """Two sites and the head, with something simple for the network's parts."""
    torch.manual_seed(n)
    m, D = plain_model(cfg), cfg.hidden_size
    part = lambda x: torch.tanh(x).roll(1, -1)
    start = torch.randn(n, 4, D).to(torch.bfloat16)
    first, second, last = weights(cfg, 24, 3), weights(cfg, 24, 3), weights(cfg, 4, 1)
    groups = [copies(w) for w in (first, second, last)]
    X, Z = start.clone().requires_grad_(), start.float().requires_grad_()
    y = head(fast_site(cfg, fast_site(cfg, X, *first, part=part), *second, part=part), *last, cfg)
    z = plain_head(m, plain_site(m, plain_site(m, Z, *groups[0], part), *groups[1], part), *groups[2])
    g = torch.randn(n, D).to(torch.bfloat16)
    y.backward(g)
    z.backward(g.float())
    errors = {"y": distance(y, z), "dX": distance(X.grad, Z.grad)}
    for site, ours, theirs in zip(("first", "second", "head"), (first, second, last), groups):
        for name, p, q in zip(NAMES, ours, theirs):
            errors[f"{site}.{name}"] = distance(p.grad, q.grad)
    print(f"n={n}", " ".join(f"{k}={v:.4f}" for k, v in errors.items()))
    # A scale's gradient is a short sum of both signs, in which rounding shows more.
    assert all(v < (0.06 if k.endswith("scale") else 0.02) for k, v in errors.items())


def timing(cfg, n=4096, repeats=15):
    w = weights(cfg, 24, 3)
    m, X = plain_model(cfg), torch.randn(n, 4, cfg.hidden_size).to(torch.bfloat16).requires_grad_()
    part = lambda x: x
    for name, run in (("fast", lambda: fast_site(cfg, X, *w, part=part)), ("plain", lambda: plain_site(m, X.float(), *w, part))):
        there, back = [], []
        for _ in range(repeats if name == "fast" else 3):
            t0 = time.perf_counter()
            y = run()
            t1 = time.perf_counter()
            y.backward(y.detach())
            X.grad = None
            there.append(t1 - t0), back.append(time.perf_counter() - t1)
        print(f"{name}: {statistics.median(there) / n * 1e6:.2f} us/token forward, {statistics.median(back) / n * 1e6:.2f} backward")


if __name__ == "__main__":
    torch.set_num_threads(1)
    settings = Config(hidden_size=256)
    definition.kernels = lambda *tensors: None  # the definition itself, without its own kernels
    for n in (1, 3, 17, 130, 1500):
        compare(settings, n)
    timing(settings)
