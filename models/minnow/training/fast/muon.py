"""Muon's orthogonalisation of batches of matrices over muon.c."""
import ctypes

import torch

from fast.build import library, long, pointer

QUINTIC = 3.4445, -4.7750, 2.0315  # the coefficients that Muon was published with


def orthogonalise(g, steps=5):
    """Newton-Schulz towards the nearest orthogonal matrices: g [batch, m, n] -> BF16 [batch, m, n]; sides in 32s."""
    g = g.float().contiguous()
    count, m, n = g.shape
    assert m % 32 == 0 and n % 32 == 0
    out = torch.empty(count, m, n, dtype=torch.bfloat16)
    sizes, factors = (long(k) for k in (count, m, n)), (ctypes.c_float(k) for k in QUINTIC)
    library("muon").muon_orthogonalise(pointer(g), pointer(out), *sizes, steps, *factors)
    return out
