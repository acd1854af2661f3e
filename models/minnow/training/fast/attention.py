"""The attention layer of `model.Model.attention` for packed batches, forward and backward written by hand.

One autograd function runs the whole layer: bf16 matrix products for the linears and the kernels of
attention.c for everything between them. Nothing the size of the scores is kept: the backward computes
them again from the queries, the keys and each row's log-sum-exp.
"""
import ctypes
import functools
import json
from dataclasses import asdict

import torch

from fast.build import library
from model import rope_frequencies

LONGEST = 16640  # positions in the rotation tables
SAMPLED = 64  # queries per sequence that the indexer imitates


class Shape(ctypes.Structure):
    """`Shape` of attention.c."""
    _fields_ = [(name, ctypes.c_void_p) for name in ("starts", "entry_starts", "cos", "sin", "chosen")] + \
               [(name, ctypes.c_long) for name in ("sequences", "words")] + \
               [(name, ctypes.c_int) for name in ("heads", "dim", "rotated", "ratio", "window", "topk", "quantise")] + \
               [("eps", ctypes.c_float)]


@functools.cache
def kernels():
    lib = library("attention")
    lib.attention_imitate.restype = ctypes.c_float
    return lib


def call(name, *args):
    """Runs a kernel: tensors become pointers (rows may be strided), None a null pointer, integers C longs."""
    raw = [ctypes.c_long(a) if isinstance(a, int) else ctypes.byref(a) if isinstance(a, Shape) else
           ctypes.c_void_p(a.data_ptr() if a is not None else None) for a in args]
    return getattr(kernels(), f"attention_{name}")(*raw)


@functools.cache
def _tables(described, compressed):
    from config import Config
    angle = torch.arange(LONGEST, dtype=torch.float32)[:, None] * rope_frequencies(Config(**json.loads(described)), compressed)
    sin = angle.sin()
    return angle.cos().repeat_interleave(2, 1), torch.stack((-sin, sin), -1).flatten(1)


def tables(cfg, compressed):
    """cos and sin [LONGEST, rd], each angle twice; the first sin of a pair negated."""
    described = cfg.__dict__.get("_described")
    if described is None:
        described = cfg.__dict__["_described"] = json.dumps(asdict(cfg))
    return _tables(described, compressed)


class Layout:
    """What the kernels need to know of a batch for one compression ratio."""

    def __init__(self, cfg, ratio, packed, quantise):
        self.starts, self.dense = packed.starts, packed.dense
        counts = [n // ratio if ratio else 0 for n in packed.lengths]
        self.entry_starts = torch.zeros(len(counts) + 1, dtype=torch.int32)
        self.entry_starts[1:] = torch.tensor(counts, dtype=torch.int32).cumsum(0)
        self.entries = sum(counts)
        self.most = max(counts)
        self.cos, self.sin = tables(cfg, ratio > 0)
        d, rd, di = cfg.head_dim, cfg.qk_rope_head_dim, cfg.index_head_dim
        assert max(packed.lengths) <= LONGEST and ratio in (0, 4, 128)
        assert d % 32 == rd % 16 == (d - rd) % 64 == di % 32 == di & (di - 1) == 0
        assert cfg.hidden_size % 128 == cfg.q_lora_rank % 128 == cfg.o_groups * cfg.o_lora_rank % 128 == 0
        assert max(cfg.hidden_size, cfg.num_attention_heads * d, cfg.index_n_heads * di) <= 1024
        self.common = dict(
            starts=self.starts.data_ptr(), entry_starts=self.entry_starts.data_ptr(), cos=self.cos.data_ptr(),
            sin=self.sin.data_ptr(), sequences=len(counts), words=(self.most + 15) // 16, rotated=cfg.qk_rope_head_dim,
            ratio=ratio, window=cfg.sliding_window, topk=cfg.index_topk, quantise=int(quantise), eps=cfg.rms_norm_eps)
        self.main = Shape(heads=cfg.num_attention_heads, dim=cfg.head_dim, **self.common)
        self.index = Shape(heads=cfg.index_n_heads, dim=cfg.index_head_dim, **self.common)
        self.select = ratio == 4 and self.most > cfg.index_topk  # some query sees more than it may attend to

    def choose(self, chosen):
        """Sets the entries each query attends to: int16 [N, words], 16 bits a word."""
        self.chosen = chosen
        self.main.chosen = chosen.data_ptr()


def sampled(cfg, packed):
    """int32 tokens: at most SAMPLED queries per sequence of those that see more than `index_topk` entries."""
    first, rows = 4 * (cfg.index_topk + 1) - 1, []
    # The same batch always takes the same queries, whatever other threads do.
    chance = torch.Generator().manual_seed(hash(tuple(packed.lengths)) & 0x7FFFFFFF)
    for start, length in zip(packed.starts.tolist(), packed.lengths):
        if length > first:
            n = min(SAMPLED, length - first)
            rows.append(((torch.arange(n) + torch.rand(1, generator=chance)) * ((length - first) / n)).int().clamp_(max=length - first - 1)
                        + (start + first))
    return torch.cat(rows).contiguous()


def empty(*shape):
    return torch.empty(*shape, dtype=torch.bfloat16)


def linear(x, w, y=None):
    """x [N, in] times w [out, in] -> [N, out], into `y` if given."""
    y = empty(x.shape[0], w.shape[0]) if y is None else y
    call("linear", x, x.stride(0), w, y, y.stride(0), x.shape[0], w.shape[1], w.shape[0])
    return y


def linear_input(dy, w, dx=None, add=False):
    """Gradient of x: dy [N, out] times w, into `dx` or added to it."""
    dx = empty(dy.shape[0], w.shape[1]) if dx is None else dx
    call("linear_input", dy, dy.stride(0), w, dx, dx.stride(0), dy.shape[0], w.shape[1], w.shape[0], int(add))
    return dx


def linear_weight(dy, x):
    """Gradient of w [out, in], summed in float32."""
    dw = empty(dy.shape[1], x.shape[1])
    call("linear_weight", dy, dy.stride(0), x, x.stride(0), dw, dy.shape[0], x.shape[1], dy.shape[1])
    return dw


def rounded(x, out):
    """FP8 round trip of each group of 128, into `out`."""
    call("quantise", x, out, x.shape[0], x.shape[1], 128)
    return out


def grouped(count, *tensors):
    """The output groups one after the other: columns of activations, rows of a weight given as (weight,)."""
    return zip(*(t[0].chunk(count) if isinstance(t, tuple) else t.chunk(count, 1) for t in tensors))


def pool(layout, shape, x, comp, index):
    """Compressed entries [E, dim] and what the backward needs; x [N, ..] holds values and gates, comp = (ape, norm)."""
    out, kept = empty(layout.entries, shape.dim), empty(layout.entries, shape.dim)
    call("pool", shape, x, x.stride(0), *comp, index, kept, out)
    return out, kept


class AttentionFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, cfg, layout, quantise, rows, x, sink, wq_a, q_norm, wq_b, wkv, kv_norm, wo_a, wo_b, *more):
        """more: the compressor's (wkv, wgate, ape, norm), then the indexer's (wq_b, weights_proj) and its
        compressor's four. Returns y [N, D] and, with `rows`, the imitation loss."""
        N, (H, d), shape = x.shape[0], (cfg.num_attention_heads, cfg.head_dim), layout.main
        rank = wq_a.shape[0]
        x = x.contiguous()
        xq = rounded(x, torch.empty_like(x)) if quantise else x
        wa = torch.cat((wq_a, wkv))
        u = linear(xq, wa)
        latent, kv = empty(N, rank), empty(N, d)
        call("latents", shape, u, q_norm, kv_norm, rank, latent, kv)
        q = linear(latent, wq_b)
        entries = kept = c = wc = None
        imitation = None
        if layout.entries:
            # One product for all that reads x unrounded: values and gates of the compressors, indexer weights.
            wide = more[0].shape[0]
            wc = torch.cat((more[0], more[1], more[6], more[7], more[5]) if layout.select else more[:2])
            c = linear(x, wc)
            entries, kept = pool(layout, shape, c[:, :2 * wide], more[2:4], 0)
            if layout.select:
                index = layout.index
                ci, weights = c[:, 2 * wide:-index.heads], c[:, -index.heads:]
                keys, kept_keys = pool(layout, index, ci, more[8:10], 1)
                iq = linear(latent, more[4])
                if not layout.dense:
                    chosen = torch.empty(N, shape.words, dtype=torch.int16)
                    call("select", index, iq, weights, c.stride(0), keys, chosen)
                    layout.choose(chosen)
                if rows is not None:
                    dq, dweights = empty(len(rows), iq.shape[1]), empty(len(rows), index.heads)
                    dkeys = torch.zeros(layout.entries, index.dim)
                    loss = call("imitate", shape, q, entries, index, iq, weights, c.stride(0), keys, rows, len(rows),
                                dq, dweights, dkeys)
                    imitation = rows, kept_keys, dq, dweights, dkeys
        o, lse = empty(N, H * d), torch.empty(N, H)
        call("core", shape, q, kv, entries, sink, o, lse)
        z = empty(N, wo_a.shape[0])
        for part in grouped(cfg.o_groups, o, (wo_a,), z):
            linear(*part)
        if quantise:
            rounded(z, z)
        y = linear(z, wo_b)
        ctx.save_for_backward(x, xq, u, latent, kv, q, entries, kept, c, o, lse, z, wa, wc, sink, q_norm, wq_b, kv_norm,
                              wo_a, wo_b, *more)
        ctx.rest = cfg, layout, imitation
        return (y, torch.tensor(loss)) if imitation else y

    @staticmethod
    def backward(ctx, dy, dloss=None):
        x, xq, u, latent, kv, q, entries, kept, c, o, lse, z, wa, wc, sink, q_norm, wq_b, kv_norm, wo_a, wo_b, *more = \
            ctx.saved_tensors
        cfg, layout, imitation = ctx.rest
        shape, N, rank = layout.main, x.shape[0], q_norm.shape[0]
        dy = dy.contiguous()
        dwo_b = linear_weight(dy, z)
        dz, do = linear_input(dy, wo_b), torch.empty_like(o)
        for part in grouped(cfg.o_groups, dz, (wo_a,), do):
            linear_input(*part)
        dwo_a = torch.cat([linear_weight(*part) for part in grouped(cfg.o_groups, dz, o)])
        dq, dkv, dsink = torch.empty_like(q), torch.zeros(N, shape.dim), torch.zeros_like(sink)
        dentries = torch.zeros(layout.entries, shape.dim)
        call("core_backward", shape, q, kv, entries, sink, lse, do, dq, dkv, dentries, dsink)
        dwq_b = linear_weight(dq, latent)
        dlatent = linear_input(dq, wq_b)
        du, dq_norm, dkv_norm = torch.empty_like(u), torch.zeros_like(q_norm), torch.zeros_like(kv_norm)
        call("latents_backward", shape, u, q_norm, kv_norm, rank, dlatent, dkv, du, dq_norm, dkv_norm)
        dwa = linear_weight(du, xq)
        dx = linear_input(du, wa)
        grads = [None] * len(more)
        if layout.entries:
            wide, dc = more[0].shape[0], torch.empty_like(c)
            dape, dnorm = torch.zeros_like(more[2]), torch.zeros_like(more[3])
            call("pool_backward", shape, c[:, :2 * wide], c.stride(0), *more[2:4], 0, kept, dentries, dc[:, :2 * wide],
                 dc.stride(0), dape, dnorm)
            linear_input(dc[:, :2 * wide], wc[:2 * wide], dx, add=True)
            used = dc if imitation else dc[:, :2 * wide]
            if imitation:
                rows, kept_keys, diq, dweights, dkeys = imitation
                diape, dinorm = torch.zeros_like(more[8]), torch.zeros_like(more[9])
                call("pool_backward", layout.index, c[:, 2 * wide:], c.stride(0), *more[8:10], 1, kept_keys,
                     dkeys * dloss, dc[:, 2 * wide:], dc.stride(0), diape, dinorm)
                dc[:, -layout.index.heads:] = 0
                dc[:, -layout.index.heads:].index_copy_(0, rows.long(), dweights * dloss.to(torch.bfloat16))
                diwq_b = linear_weight(diq * dloss.to(torch.bfloat16), latent.index_select(0, rows))
            dwc = linear_weight(used, x)
            grads[:4] = dwc[:wide], dwc[wide:2 * wide], dape, dnorm
            if imitation:
                narrow = more[6].shape[0]
                dvalue, dgate, dproj = dwc[2 * wide:].split((narrow, narrow, layout.index.heads))
                grads[4:] = diwq_b, dproj, dvalue, dgate, diape, dinorm
        return (None, None, None, None, dx, dsink, dwa[:rank], dq_norm, dwq_b, dwa[rank:], dkv_norm, dwo_a, dwo_b, *grads)


def attention(cfg, at, x, packed, quantise, index_losses):
    """x [N, D] bf16, normalised and unrounded -> y [N, D] bf16; `at` is shaped like model.Attention.

    `index_losses`: a list that receives the indexer's imitation loss (a scalar), or None outside of training.
    Gradients of parameters that took no part (the indexer without a loss) are None."""
    layout = Layout(cfg, at.ratio, packed, quantise)
    more = []
    if at.ratio:
        more += [at.compressor.wkv.weight, at.compressor.wgate.weight, at.compressor.ape, at.compressor.norm.weight]
    if at.ratio == 4:
        ix, comp = at.indexer, at.indexer.compressor
        more += [ix.wq_b.weight, ix.weights_proj.weight, comp.wkv.weight, comp.wgate.weight, comp.ape, comp.norm.weight]
    rows = sampled(cfg, packed) if index_losses is not None and layout.select else None
    out = AttentionFunction.apply(cfg, layout, quantise, rows, x, at.attn_sink, at.wq_a.weight, at.q_norm.weight,
                                  at.wq_b.weight, at.wkv.weight, at.kv_norm.weight, at.wo_a.weight, at.wo_b.weight, *more)
    if rows is None:
        return out
    index_losses.append(out[1])
    return out[0]
