"""Hyper-connections over mixing.c: what comes before and after each part of the network.

    x, site = pre(X, ...)      X [N, 4, D] BF16 streams, x [N, D] BF16
    X = post(site, part(x))

The two share the gradient of X: `post` hands what reaches its output to `pre`, which
writes the sum of both parts in one pass over the streams.
"""
import ctypes

import torch

from fast.build import library, long, pointer


def _numbers(count, d, outputs, cfg):
    return (long(count), long(d), outputs, cfg.hc_sinkhorn_iters,
            ctypes.c_float(cfg.hc_eps), ctypes.c_float(cfg.rms_norm_eps))


class _Shared:
    """What the two halves of a site know of each other: streams, coefficients [N, 24], the gradient to hand over."""
    streams = coefficients = gradient = None


class Site:
    """`link` [N, 4] are the writing coefficients: through them autograd orders the two halves."""

    def __init__(self, link, shared):
        self.link, self.shared = link, shared


class _Before(torch.autograd.Function):
    @staticmethod
    def forward(ctx, X, fn, base, scale, norm, cfg, shared):
        X, fn, base, scale, norm = (t.contiguous() for t in (X, fn, base, scale, norm))
        (N, n, D), outputs = X.shape, fn.shape[0]
        assert n == 4 and D % 32 == 0 and outputs in (4, 24) and cfg.hc_sinkhorn_iters <= 64
        assert X.dtype == torch.bfloat16 and all(t.dtype == torch.float32 for t in (fn, base, scale, norm))
        x = torch.empty(N, D, dtype=torch.bfloat16)
        blocks = (N + 15) // 16
        coefficients = torch.empty(N, 24)
        saved = torch.empty(blocks, 26, 16)
        library("mixing").mixing_before(pointer(X), pointer(fn), pointer(base), pointer(scale), pointer(norm), pointer(x),
                                        pointer(coefficients), pointer(saved), *_numbers(N, D, outputs, cfg))
        shared.streams, shared.coefficients = X.detach(), coefficients
        ctx.save_for_backward(X, fn, base, scale, norm, coefficients, saved)
        ctx.cfg, ctx.shared = cfg, shared
        return x, coefficients[:, 4:8].contiguous()

    @staticmethod
    def backward(ctx, dx, dc):
        X, fn, base, scale, norm, coefficients, saved = ctx.saved_tensors
        (N, _, D), outputs, shared = X.shape, fn.shape[0], ctx.shared
        G, shared.gradient = shared.gradient, None
        dx, dc = dx.contiguous(), dc.contiguous()
        dX, dfn = torch.empty_like(X), torch.empty(32, 4 * D)
        dbase, dscale, dnorm = (torch.empty_like(t) for t in (base, scale, norm))
        library("mixing").mixing_before_backward(
            pointer(X), pointer(dx), None if G is None else pointer(dc), None if G is None else pointer(G), pointer(fn),
            pointer(base), pointer(scale), pointer(norm), pointer(coefficients), pointer(saved), pointer(dX), pointer(dfn),
            pointer(dbase), pointer(dscale), pointer(dnorm), *_numbers(N, D, outputs, ctx.cfg))
        return dX, dfn[:outputs], dbase, dscale, dnorm, None, None


class _After(torch.autograd.Function):
    @staticmethod
    def forward(ctx, link, y, shared):
        y, X = y.contiguous(), shared.streams
        N, _, D = X.shape
        out = torch.empty_like(X)
        library("mixing").mixing_after(pointer(X), pointer(y), pointer(shared.coefficients), pointer(out), long(N), long(D))
        ctx.save_for_backward(y)
        ctx.shared = shared
        return out

    @staticmethod
    def backward(ctx, G):
        (y,), shared = ctx.saved_tensors, ctx.shared
        N, D = y.shape
        G = shared.gradient = G.contiguous()
        dy, dc = torch.empty_like(y), torch.empty(N, 4)
        library("mixing").mixing_after_backward(pointer(G), pointer(y), pointer(shared.coefficients), pointer(dy), pointer(dc),
                                                long(N), long(D))
        return dc, dy, None


def pre(X, fn, base, scale, norm_weight, cfg):
    """Collapses the streams and norms the result: x [N, D] BF16, and the site that `post` needs."""
    shared = _Shared()
    x, link = _Before.apply(X, fn, base, scale, norm_weight, cfg, shared)
    return x, Site(link, shared)


def post(site, y):
    """Writes y [N, D] BF16 back: the streams after the part, [N, 4, D] BF16. Once per site."""
    return _After.apply(site.link, y, site.shared)


def head(X, fn, base, scale, norm_weight, cfg):
    """The collapse in front of the vocabulary: x [N, D] BF16, normed."""
    return _Before.apply(X, fn, base, scale, norm_weight, cfg, _Shared())[0]
