"""Muon for the weight matrices, Adam for everything else.

Muon orthogonalises the momentum of each matrix: a few small batched products a step.
"""
import torch

from fast.build import available
from fast.muon import QUINTIC
from fast.muon import orthogonalise as fast


def orthogonalise(g):
    return fast(g) if available() and g.device.type == "cpu" else plain(g)


def plain(g, steps=5):
    """Newton-Schulz iteration towards the nearest orthogonal matrix, batched [n, o, i]."""
    x = g.to(torch.bfloat16)
    wide = x.shape[-1] >= x.shape[-2]
    x = x if wide else x.transpose(-1, -2)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    first, third, fifth = QUINTIC
    for _ in range(steps):
        a = x @ x.transpose(-1, -2)
        x = first * x + (third * a + fifth * a @ a) @ x
    return (x if wide else x.transpose(-1, -2)).to(g.dtype)


def is_matrix(name, p):
    """What Muon takes: the matrices between hidden states. Embeddings, head, routers, mixing and vectors are Adam's."""
    return p.dim() >= 2 and (".attn.w" in name or ".experts.w" in name or "shared_experts" in name
                             or "_proj.weight" in name and "weights_proj" not in name or "indexer.wq_b" in name
                             or "compressor.w" in name)


class Optimizer:
    def __init__(self, named, matrix_lr, other_lr, muon=True, decay=0.01):
        """named: name -> master tensor. Without `muon` everything is Adam's."""
        self.named, self.decay = named, decay
        self.matrix_lr, self.other_lr = matrix_lr, other_lr
        self.matrices = [n for n, p in named.items() if muon and is_matrix(n, p)]
        self.others = [n for n in named if n not in set(self.matrices)]
        self.m = {n: torch.zeros_like(p) for n, p in named.items()}
        self.v = {n: torch.zeros_like(named[n]) for n in self.others}
        self.t = {n: 0 for n in self.others}

    def state(self):
        return {"m": self.m, "v": self.v, "t": self.t}

    def load(self, state):
        self.m, self.v, self.t = state["m"], state["v"], state["t"]

    @torch.no_grad()
    def step(self, grads, factor):
        """One update; parameters without a gradient this time are left alone."""
        shapes = {}
        for n in self.matrices:
            if grads.get(n) is not None:
                self.m[n].lerp_(grads[n], 0.05)
                shapes.setdefault(tuple(self.named[n].shape[-2:]), []).append(n)
        for (o, i), names in shapes.items():
            look = [torch.lerp(grads[n], self.m[n], 0.95).reshape(-1, o, i) for n in names]
            update = orthogonalise(torch.cat(look)).split([l.shape[0] for l in look])
            lr = self.matrix_lr * factor * max(1.0, o / i) ** 0.5
            for n, u in zip(names, update):
                p = self.named[n]
                p.mul_(1 - lr * self.decay).add_(u.reshape(p.shape), alpha=-lr)
        live = [n for n in self.others if grads.get(n) is not None]
        lr = self.other_lr * factor
        for n in live:
            g, t = grads[n], self.t[n] + 1
            self.t[n] = t
            self.m[n].lerp_(g, 0.1)
            self.v[n].lerp_(g * g, 0.02)
            denom = (self.v[n] / (1 - 0.98 ** t)).sqrt_().add_(1e-9)
            self.named[n].addcdiv_(self.m[n], denom, value=-lr / (1 - 0.9 ** t))
