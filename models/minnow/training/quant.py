"""The number formats of the checkpoint and of the official forward pass.

Everything is a value-to-value function (`x` -> the nearest representable `x`),
so training can see exactly the numbers that will be stored or computed later.
Scales are powers of two (E8M0), rounded up so that nothing ever saturates.
"""
import torch

FP8_MAX, FP4_MAX = 448.0, 6.0


def ceil_pow2(x):
    """Smallest power of two >= x, exactly, through the exponent bits."""
    bits = x.to(torch.float32).contiguous().view(torch.int32)
    exponent = (bits >> 23) + ((bits & 0x7FFFFF) != 0).to(torch.int32)
    return (exponent << 23).view(torch.float32)


def round_e4m3(x):
    """Nearest E4M3 value (ties to even) of |x| <= 448, kept in float32.

    Done with the exponent bits instead of a dtype cast: several times faster on a CPU.
    """
    bits = x.contiguous().view(torch.int32) & 0x7F800000
    step = bits.clamp_min((127 - 6) << 23).sub_(3 << 23).view(torch.float32)
    return torch.round(x / step).mul_(step)


def round_e2m1(x):
    """Nearest E2M1 value (ties to even) of |x| <= 6, kept in float32."""
    bits = x.contiguous().view(torch.int32) & 0x7F800000
    step = bits.clamp_min(127 << 23).sub_(1 << 23).view(torch.float32)
    return torch.round(x / step).mul_(step)


def act_fp8(x, group):
    """Activation round trip: E4M3 in groups of `group` along the last axis."""
    g = x.to(torch.float32).unflatten(-1, (-1, group))
    amax = g.abs().amax(-1, keepdim=True).clamp_min(1e-4)
    scale = ceil_pow2(amax * torch.tensor(1 / FP8_MAX, dtype=torch.float32))
    out = round_e4m3((g / scale).clamp_(-FP8_MAX, FP8_MAX)) * scale
    return out.flatten(-2).to(x.dtype)


def act_fp4(x, group=32):
    """Activation round trip: E2M1 in groups of 32 (indexer queries and keys)."""
    g = x.to(torch.float32).unflatten(-1, (-1, group))
    amax = g.abs().amax(-1, keepdim=True).clamp_min(FP4_MAX * 2.0 ** -126)
    scale = ceil_pow2(amax * torch.tensor(1 / FP4_MAX, dtype=torch.float32))
    out = round_e2m1((g / scale).clamp_(-FP4_MAX, FP4_MAX)) * scale
    return out.flatten(-2).to(x.dtype)


def straight_through(x, rounded):
    """Value of `rounded`, gradient of `x`."""
    return x + (rounded - x).detach()


def split_fp8(w):
    """Weight [.., o, i] -> (E4M3 values as float, E8M0 scales) in 128x128 blocks."""
    o, i = w.shape[-2:]
    bo, bi = min(128, o), 128
    assert o % bo == 0 and i % bi == 0, "Minnow's FP8 shapes are multiples of 128 (or one row block)"
    b = w.unflatten(-1, (-1, bi)).unflatten(-3, (-1, bo))
    amax = b.abs().amax((-3, -1), keepdim=True).clamp_min(1e-8)
    scale = ceil_pow2(amax / FP8_MAX)
    q = round_e4m3((b / scale).clamp_(-FP8_MAX, FP8_MAX))
    return q, scale


def weight_fp8(w):
    q, scale = split_fp8(w)
    return (q * scale).flatten(-4, -3).flatten(-2)


def split_fp4(w):
    """Weight [.., o, i] -> (E2M1 values as float, E8M0 scales) in 1x32 groups."""
    g = w.unflatten(-1, (-1, 32))
    amax = g.abs().amax(-1, keepdim=True).clamp_min(1e-8)
    scale = ceil_pow2(amax / FP4_MAX)
    return round_e2m1((g / scale).clamp_(-FP4_MAX, FP4_MAX)), scale


def weight_fp4(w):
    q, scale = split_fp4(w)
    return (q * scale).flatten(-2)


def bf16(x):
    return x.to(torch.bfloat16).to(x.dtype)
