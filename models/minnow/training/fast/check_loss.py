"""loss.py beside plain PyTorch: `python -m fast.check_loss`."""
import statistics
import time

import torch
import torch.nn.functional as F

from fast.loss import cross_entropy


def distance(a, b):
    return float((a.detach().float() - b.detach()).norm() / b.detach().norm().clamp_min(1e-12))


def plain(x, head, targets, weights):
    logits = F.linear(x, head)
    return (F.cross_entropy(logits, targets, reduction="none") * weights).sum(), logits.argmax(-1) == targets


def inputs(m, d=256, v=1024):
    x, head = torch.randn(m, d).to(torch.bfloat16), (torch.randn(v, d) * 0.2).to(torch.bfloat16)
    targets = torch.randint(v, (m,))
    some = torch.arange(m) % 2 == 0
    targets[some] = F.linear(x.float(), head.float())[some].argmax(-1)
    return x.requires_grad_(), head.requires_grad_(), targets, torch.rand(m)


def compare(m):
    torch.manual_seed(m)
    x, head, targets, weights = inputs(m)
    a, b = x.detach().float().requires_grad_(), head.detach().float().requires_grad_()
    loss, correct = cross_entropy(x, head, targets, weights)
    (loss * 0.37).backward()
    expected, right = plain(a, b, targets, weights)
    (expected * 0.37).backward()
    errors = {"loss": distance(loss, expected), "dx": distance(x.grad, a.grad), "dhead": distance(head.grad, b.grad)}
    print(f"m={m}", " ".join(f"{k}={v:.5f}" for k, v in errors.items()))
    assert torch.equal(correct, right) and max(errors.values()) < 0.01
    with torch.no_grad():
        assert cross_entropy(x, head, targets, weights)[0] == loss


def timing(m=4096, repeats=9):
    x, head, targets, weights = inputs(m)
    a, b = x.detach().float().requires_grad_(), head.detach().float().requires_grad_()
    for name, run in (("fast", lambda: cross_entropy(x, head, targets, weights)), ("plain", lambda: plain(a, b, targets, weights))):
        there, back = [], []
        for _ in range(repeats if name == "fast" else 3):
            t0 = time.perf_counter()
            loss = run()[0] / m
            t1 = time.perf_counter()
            loss.backward()
            there.append(t1 - t0), back.append(time.perf_counter() - t1)
        print(f"{name}: {statistics.median(there) / m * 1e6:.2f} us/row forward, {statistics.median(back) / m * 1e6:.2f} backward")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for m in (1, 3, 65, 130, 511, 1500):
        compare(m)
    timing()
