"""Compares fast.attention with model.py in float32, outputs and every gradient, and times both.

    python -m fast.check_attention [check|time]
"""
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import torch

from config import Config
from fast import attention as fast
from fast.packed import Packed
from model import Attention, Model
from quant import act_fp8

CFG = Config(vocab_size=1024, hidden_size=256, index_n_heads=4, index_topk=64)
LENGTHS = [1, 3, 60, 130, 517, 1111, 259, 263]
TYPICAL = [61, 800, 333, 412, 190, 705, 97, 256, 610, 120, 388, 124]


class Reference(Model):
    """model.py, with the entries and the imitated queries that the fast path took."""

    def __init__(self, numerics):
        torch.nn.Module.__init__(self)
        self.cfg, self.numerics, self.index_losses, self._tables = CFG, numerics, None, {}
        self.chosen = self.rows = None
        self.agreement = []

    def select(self, at, x, qrq, cos, sin, scores, T, W):
        future = self.bias(T, 4, x)[:, T:T + W]
        s = self.index_scores(at.indexer, x.detach(), qrq.detach(), cos, sin) + future
        chosen = self.chosen[:, :W]
        top = torch.zeros_like(chosen).scatter_(1, s[0].detach().topk(CFG.index_topk, -1).indices, True)
        late = torch.arange(T) + 1 >= 4 * (CFG.index_topk + 1)
        self.agreement.append(((top & chosen).sum(1) / CFG.index_topk)[late])
        assert (chosen.sum(1)[late] == CFG.index_topk).all()
        if self.rows is not None and len(self.rows):
            target = torch.softmax(scores[0, self.rows, :, T:T + W].detach(), -1).mean(1)
            logp = torch.log_softmax(s[0, self.rows], -1).masked_fill(future[self.rows] < 0, 0.0)
            self.index_losses.append(-(target * logp).sum(-1))
        drop = torch.where(chosen | ~late[:, None], 0.0, float("-inf"))
        return scores + torch.cat((torch.zeros(T, T), drop, torch.zeros(T, 1)), -1)[None, :, None]


def layer(ratio, seed=0):
    torch.manual_seed(seed)
    at = Attention(CFG, ratio)
    for name, p in at.named_parameters():
        if p.ndim == 2 and not name.endswith("ape"):
            p.data = (torch.randn(p.shape) * p.shape[1] ** -0.5).bfloat16()
        else:
            p.data = torch.randn(p.shape) * 0.2 + (1.0 if "norm" in name else 0.0)
    return at


def twin(at):
    other = Attention(CFG, at.ratio)
    for p, q in zip(other.parameters(), at.parameters()):
        p.data = q.data.float()
    return other


def unit(n, seed=1):
    x = torch.randn(n, CFG.hidden_size, generator=torch.Generator().manual_seed(seed))
    return (x / x.pow(2).mean(-1, keepdim=True).sqrt()).bfloat16()


def error(a, b):
    a, b = a.float(), b.float()
    a, b = a.detach(), b.detach()
    return (float((a - b).norm() / b.norm().clamp_min(1e-12)),
            float(torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), 0)))


def check(ratio, quantise, lengths, bound):
    packed, at = Packed(lengths), layer(ratio)
    x = unit(len(packed)).requires_grad_()
    g = unit(len(packed), 2)
    taken = {}
    choose, sampled = fast.Layout.choose, fast.sampled
    fast.Layout.choose = lambda self, c: (taken.update(chosen=c), choose(self, c))[1]
    fast.sampled = lambda *a: taken.setdefault("rows", sampled(*a))
    losses = []
    y = fast.attention(CFG, at, x, packed, quantise, losses)
    torch.autograd.backward([y, *losses], [g, *[torch.tensor(1.0) for _ in losses]])
    fast.Layout.choose, fast.sampled = choose, sampled

    model, other = Reference("fakequant" if quantise else "float"), twin(at)
    xr = x.detach().float().requires_grad_()
    out, model.index_losses = [], []
    starts = packed.starts.tolist()
    for start, length in zip(starts, lengths):
        if "chosen" in taken:
            bits = taken["chosen"][start:start + length].int()
            model.chosen = ((bits[..., None] >> torch.arange(16)) & 1).flatten(1).bool()
            model.rows = (taken["rows"][(taken["rows"] >= start) & (taken["rows"] < start + length)] - start).long()
        out.append(model.attention(other, xr[None, start:start + length])[0])
    yr = torch.cat(out)
    expected = [torch.cat(model.index_losses).mean()] if model.index_losses else []
    torch.autograd.backward([yr, *expected], [g.float(), *[torch.tensor(1.0) for _ in expected]])

    print(f"ratio {ratio}, quantise {quantise}, lengths {lengths}")
    results = [("y", *error(y, yr)), ("x", *error(x.grad, xr.grad))]
    if expected:
        results.append(("loss", *error(losses[0], expected[0])))
        print(f"  selection agrees {float(torch.cat(model.agreement).mean()):.3f}")
    for (name, p), q in zip(at.named_parameters(), other.parameters()):
        if q.grad is None or p.grad is None:
            assert q.grad is None and p.grad is None, name
            continue
        assert p.grad.dtype == p.dtype
        results.append((name, *error(p.grad, q.grad)))
    # A score that changes its sign in rounding switches its ReLU and with it a whole gradient: the
    # indexer's own gradients are that much farther apart, more so where its inputs are rounded to FP4.
    limit = {name: (0.2 if quantise else 0.06) if name.startswith("indexer") else bound for name, _, _ in results}
    bad = [name for name, e, cosine in results if not (e < limit[name] and cosine > 1 - limit[name] ** 2)]
    for name, e, cosine in results:
        print(f"  {name:36} {e:.4f}  {cosine:.6f}{'   <-- too far' if name in bad else ''}")
    return not bad


def check_rounding():
    """The kernel's FP8 must be quant.py's to the bit."""
    x = (torch.randn(500, 256) * torch.exp(torch.randn(500, 1) * 6)).bfloat16()
    x[3] = 0
    fine = torch.equal(fast.rounded(x, torch.empty_like(x)), act_fp8(x, 128))
    print("FP8 rounding:", "the same" if fine else "DIFFERENT")
    return fine


def check_threads():
    """Two threads at once must give what one gives."""
    packed, x = Packed(LENGTHS), unit(sum(LENGTHS))
    layers = [layer(4, seed) for seed in (0, 1)]
    alone = [fast.attention(CFG, at, x, packed, True, None) for at in layers]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(5):
            both = list(threads.map(lambda at: fast.attention(CFG, at, x, packed, True, None), layers))
            if not all(torch.equal(a, b) for a, b in zip(alone, both)):
                print("threads: DIFFERENT")
                return False
    print("threads: the same")
    return True


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measure(lengths, plain=True, times=7):
    packed = Packed(lengths)
    n = len(packed)
    g = unit(n, 2)
    print(f"microseconds per token, {len(lengths)} sequences, {n} tokens (forward, backward):")
    for ratio in (0, 4, 128):
        at, x = layer(ratio), unit(n).requires_grad_()

        def forward():
            state["losses"] = []
            state["y"] = fast.attention(CFG, at, x, packed, True, state["losses"])

        def backward():
            torch.autograd.backward([state["y"], *state["losses"]], [g, *[torch.tensor(1.0) for _ in state["losses"]]])

        state = {}
        forward(), backward()
        f, b = [], []
        for _ in range(times):
            f.append(timed(forward))
            b.append(timed(backward))
        line = f"  ratio {ratio:3}: fast {statistics.median(f) / n * 1e6:6.2f} {statistics.median(b) / n * 1e6:6.2f}"
        if plain:
            model, other = Model.__new__(Model), twin(at)
            Reference.__init__(model, "fakequant")
            xs = [p.clone().requires_grad_() for p in x.detach().float().split(lengths)]

            def forward():
                model.index_losses = []
                state["y"] = [model.attention(other, p[None])[0] for p in xs]

            def backward():
                torch.autograd.backward(state["y"], list(g.float().split(lengths)))
            f, b = timed(forward), timed(backward)
            line += f"   plain {f / n * 1e6:6.1f} {b / n * 1e6:6.1f}"
        print(line, flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    fine = check_rounding() and check_threads()
    if what != "time":
        for ratio in (0, 4, 128):
            fine &= check(ratio, False, LENGTHS, 2e-2)
            fine &= check(ratio, True, LENGTHS, 4e-2)
        fine &= check(4, True, [2, 3], 4e-2)
    if what != "check":
        measure(TYPICAL)
        measure([16384], plain=False, times=3)
    sys.exit(not fine)
