"""The network of model.py over packed batches, with hand-written forward and backward passes.

Meaning and parameters are those of model.py; activations are BF16 throughout and always rounded as the official forward
rounds them before quantised products.
"""
import torch
import torch.nn.functional as F

from fast.attention import attention
from fast.experts import moe
from fast.loss import cross_entropy
from fast.mixing import head, post, pre
from fast.packed import Packed
from quant import act_fp8, straight_through


class Embed(torch.autograd.Function):
    """Rows of a table; their gradients are added up in float32, since frequent tokens add hundreds."""

    @staticmethod
    def forward(ctx, table, ids):
        ctx.save_for_backward(ids)
        ctx.rows = table.shape[0]
        return table[ids]

    @staticmethod
    def backward(ctx, g):
        ids, = ctx.saved_tensors
        return torch.zeros(ctx.rows, g.shape[1]).index_add_(0, ids, g.float()).to(g.dtype), None


def block(cfg, blk, X, ids, packed, index_losses):
    mixing = lambda name: (getattr(blk, f"hc_{name}_{part}") for part in ("fn", "base", "scale"))
    x, site = pre(X, *mixing("attn"), blk.attn_norm.weight, cfg)
    X = post(site, attention(cfg, blk.attn, x, packed, True, index_losses))
    x, site = pre(X, *mixing("ffn"), blk.ffn_norm.weight, cfg)
    y, blk.ffn.load = moe(cfg, blk.ffn, x, ids, True)
    return post(site, y)


def streams(model, ids, packed, index_losses=None):
    """Residual streams [N, n, D] after the last layer."""
    cfg = model.cfg
    X = Embed.apply(model.embed.weight, ids).unsqueeze(1).expand(-1, cfg.hc_mult, -1).contiguous()
    for blk in model.layers:
        X = block(cfg, blk, X, ids, packed, index_losses)
    return X


def answer_loss(model, owner, X, targets, weights):
    """Weighted cross entropy, summed, and which rows' best guess is the target; `owner` is the model or an MTP block."""
    x = head(X, owner.hc_head_fn, owner.hc_head_base, owner.hc_head_scale, owner.norm.weight, model.cfg)
    return cross_entropy(x, model.head.weight, targets, weights)


def rms(x, weight, eps):
    x = x.float()
    return (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight).to(torch.bfloat16)


def mtp_streams(model, X, ids, packed):
    """Streams of the MTP block for all tokens but the last of each sequence, and the packing of those; X [N, n, D]."""
    cfg, m = model.cfg, model.mtp[0]
    here = torch.ones(len(packed), dtype=torch.bool)
    here[packed.starts[1:].long() - 1] = False
    here = here.nonzero().squeeze(1)
    after = ids[here + 1]
    rounded = lambda x: straight_through(x, act_fp8(x.detach(), 128))
    e = F.linear(rounded(rms(Embed.apply(model.embed.weight, after), m.enorm.weight, cfg.rms_norm_eps)), m.e_proj.weight)
    h = F.linear(rounded(rms(X[here], m.hnorm.weight, cfg.rms_norm_eps)), m.h_proj.weight)
    shorter = Packed([n - 1 for n in packed.lengths])
    return block(cfg, m, (e.unsqueeze(1) + h).contiguous(), after, shorter, None), here
