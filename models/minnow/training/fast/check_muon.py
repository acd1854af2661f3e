"""muon.py beside the same polynomial of the singular values: `python -m fast.check_muon`."""
import statistics
import time

import torch

from fast.muon import QUINTIC, orthogonalise
from optim import plain


def exact(g, steps=5):
    u, s, v = torch.linalg.svd(g.double(), full_matrices=False)
    s = s / s.norm(dim=-1, keepdim=True)
    a, b, c = QUINTIC
    for _ in range(steps):
        s = a * s + b * s ** 3 + c * s ** 5
    return (u * s[..., None, :]) @ v


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(0)
    for shape in ((3, 32, 64), (8, 128, 256), (8, 256, 128), (8, 256, 256), (4, 512, 128)):
        g = torch.randn(shape)
        expected = exact(g)
        error = float((orthogonalise(g) - expected).norm() / expected.norm())
        print(shape, f"{error:.4f}; plain PyTorch {float((plain(g) - expected).norm() / expected.norm()):.4f}")
        assert error < 0.03
    step = [torch.randn(224, 128, 256), torch.randn(112, 256, 128), torch.randn(40, 256, 256)]
    for name, run in (("fast", orthogonalise), ("plain", plain)):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            for g in step:
                run(g)
            times.append(time.perf_counter() - start)
        print(f"{name}: {statistics.median(times) * 1e3:.0f} ms for a step of 376 matrices")
