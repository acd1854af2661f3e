"""The DeepSeek-V4 architecture in plain PyTorch, whole sequences at a time.

Parameters carry the official on-disk names; only the routed experts are held
stacked (`ffn.experts.w1` is [E, I, D]) so they can be quantised in one go.
The forward has no cache: every position is computed from the full sequence with
masks, which is what training needs and what makes it a good independent oracle.

`numerics` selects the rounding of activations:
  "float"     none
  "fakequant" FP8/FP4 activation round trips with straight-through gradients
  "official"  the same plus BF16 rounding of every intermediate result
Weights are used as they are: whoever loads them decides how they are rounded.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from quant import act_fp4, act_fp8, straight_through


class Weight(nn.Module):
    """A bias-free linear layer; `kind` is its storage format on disk."""

    def __init__(self, out_features, in_features, kind):
        super().__init__()
        self.kind = kind
        self.weight = nn.Parameter(torch.empty(out_features, in_features))


class Norm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))


class Compressor(nn.Module):
    """Pools r tokens (r=4: plus the previous four) into one entry."""

    def __init__(self, cfg, ratio, dim):
        super().__init__()
        c = 2 if ratio == 4 else 1
        self.ratio, self.dim, self.overlap = ratio, dim, ratio == 4
        self.ape = nn.Parameter(torch.zeros(ratio, c * dim))
        self.wkv = Weight(c * dim, cfg.hidden_size, "bf16")
        self.wgate = Weight(c * dim, cfg.hidden_size, "bf16")
        self.norm = Norm(dim)


class Indexer(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.wq_b = Weight(cfg.index_n_heads * cfg.index_head_dim, cfg.q_lora_rank, "fp8")
        self.weights_proj = Weight(cfg.index_n_heads, cfg.hidden_size, "bf16")
        self.compressor = Compressor(cfg, 4, cfg.index_head_dim)


class Attention(nn.Module):
    def __init__(self, cfg, ratio):
        super().__init__()
        h, d, D = cfg.num_attention_heads, cfg.head_dim, cfg.hidden_size
        self.ratio = ratio
        self.attn_sink = nn.Parameter(torch.zeros(h))
        self.wq_a = Weight(cfg.q_lora_rank, D, "fp8")
        self.q_norm = Norm(cfg.q_lora_rank)
        self.wq_b = Weight(h * d, cfg.q_lora_rank, "fp8")
        self.wkv = Weight(d, D, "fp8")
        self.kv_norm = Norm(d)
        self.wo_a = Weight(cfg.o_groups * cfg.o_lora_rank, h * d // cfg.o_groups, "fp8")
        self.wo_b = Weight(D, cfg.o_groups * cfg.o_lora_rank, "fp8")
        if ratio:
            self.compressor = Compressor(cfg, ratio, d)
        if ratio == 4:
            self.indexer = Indexer(cfg)


class Gate(nn.Module):
    def __init__(self, cfg, hashed):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(cfg.n_routed_experts, cfg.hidden_size))
        if hashed:
            self.register_buffer("tid2eid", torch.zeros(cfg.vocab_size, cfg.num_experts_per_tok, dtype=torch.int64))
        else:
            self.register_buffer("bias", torch.zeros(cfg.n_routed_experts))
        self.hashed = hashed


class Experts(nn.Module):
    """Routed experts, stacked: one tensor per projection."""

    def __init__(self, cfg):
        super().__init__()
        e, i, D = cfg.n_routed_experts, cfg.moe_intermediate_size, cfg.hidden_size
        self.w1 = nn.Parameter(torch.empty(e, i, D))
        self.w2 = nn.Parameter(torch.empty(e, D, i))
        self.w3 = nn.Parameter(torch.empty(e, i, D))


class SharedExpert(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        i, D = cfg.moe_intermediate_size * cfg.n_shared_experts, cfg.hidden_size
        self.w1 = Weight(i, D, "fp8")
        self.w2 = Weight(D, i, "fp8")
        self.w3 = Weight(i, D, "fp8")


class FFN(nn.Module):
    def __init__(self, cfg, hashed):
        super().__init__()
        self.gate = Gate(cfg, hashed)
        self.experts = Experts(cfg)
        self.shared_experts = SharedExpert(cfg)
        self.load = None  # tokens per expert of the last forward, for balancing


class Block(nn.Module):
    def __init__(self, cfg, layer, mtp=False):
        super().__init__()
        n, D = cfg.hc_mult, cfg.hidden_size
        k = 2 * n + n * n
        self.attn = Attention(cfg, cfg.ratio(layer))
        self.attn_norm = Norm(D)
        self.ffn = FFN(cfg, hashed=not mtp and layer < cfg.num_hash_layers)
        self.ffn_norm = Norm(D)
        for site in ("attn", "ffn"):
            self.register_parameter(f"hc_{site}_fn", nn.Parameter(torch.empty(k, n * D)))
            self.register_parameter(f"hc_{site}_base", nn.Parameter(torch.zeros(k)))
            self.register_parameter(f"hc_{site}_scale", nn.Parameter(torch.ones(3)))
        if mtp:
            self.e_proj = Weight(D, D, "fp8")
            self.h_proj = Weight(D, D, "fp8")
            self.enorm, self.hnorm, self.norm = Norm(D), Norm(D), Norm(D)
            self.hc_head_fn = nn.Parameter(torch.empty(n, n * D))
            self.hc_head_base = nn.Parameter(torch.zeros(n))
            self.hc_head_scale = nn.Parameter(torch.ones(1))


def rsqrt_mean_square(x, eps):
    """1 / sqrt(mean(x^2) + eps) over the last axis, kept as a column."""
    return torch.rsqrt(x.square().mean(-1, keepdim=True) + eps)


def sinkhorn(m, n, iters, eps):
    """Row softmax, then alternating column/row normalisation of [n, n, tokens]."""
    b = torch.softmax(m, 1) + eps
    b = b / (b.sum(0, keepdim=True) + eps)
    for _ in range(iters - 1):
        b = b / (b.sum(1, keepdim=True) + eps)
        b = b / (b.sum(0, keepdim=True) + eps)
    return b


def hadamard(x):
    """Orthonormal Walsh-Hadamard transform of the last axis."""
    size, step = x.shape[-1], 1
    while step < size:
        y = x.unflatten(-1, (size // (2 * step), 2, step))
        a, b = y[..., 0, :], y[..., 1, :]
        x = torch.stack((a + b, a - b), -2).flatten(-3)
        step *= 2
    return x * size ** -0.5


def rotate(x, cos, sin, rd, sign=1.0):
    """Rotate interleaved pairs of the last `rd` components of [.., T, heads, d]; tables [T, rd/2]."""
    cos, sin = cos[:, None], sign * sin[:, None]
    keep, tail = x[..., :-rd], x[..., -rd:].unflatten(-1, (-1, 2))
    a, b = tail[..., 0], tail[..., 1]
    tail = torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)
    return torch.cat((keep, tail), -1)


def rope_frequencies(cfg, compressed):
    rd = cfg.qk_rope_head_dim
    theta = cfg.compress_rope_theta if compressed else cfg.rope_theta
    f = 1.0 / theta ** (torch.arange(0, rd, 2, dtype=torch.float32) / rd)
    if not compressed:
        return f
    s = cfg.rope_scaling
    corner = lambda b: rd * math.log(s["original_max_position_embeddings"] / (2 * math.pi * b)) / (2 * math.log(theta))
    low = max(math.floor(corner(s.get("beta_fast", 32))), 0)
    high = min(math.ceil(corner(s.get("beta_slow", 1))), rd - 1)
    if low == high:
        high += 0.001
    ramp = ((torch.arange(rd // 2, dtype=torch.float32) - low) / (high - low)).clamp(0, 1)
    return f / s["factor"] * ramp + f * (1 - ramp)


class Model(nn.Module):
    def __init__(self, cfg, numerics="float"):
        super().__init__()
        self.cfg, self.numerics = cfg, numerics
        n, D = cfg.hc_mult, cfg.hidden_size
        self.embed = Weight(cfg.vocab_size, D, "bf16")
        self.layers = nn.ModuleList(Block(cfg, l) for l in range(cfg.num_hidden_layers))
        self.norm = Norm(D)
        self.head = Weight(cfg.vocab_size, D, "bf16")
        self.hc_head_fn = nn.Parameter(torch.empty(n, n * D))
        self.hc_head_base = nn.Parameter(torch.zeros(n))
        self.hc_head_scale = nn.Parameter(torch.ones(1))
        self.mtp = nn.ModuleList(Block(cfg, cfg.num_hidden_layers + i, mtp=True)
                                 for i in range(cfg.num_nextn_predict_layers))
        self.index_losses = None  # a list collects the indexer's imitation loss during training
        self.dense = False  # in training: attend to all entries, whatever the indexer says
        self._tables = {}

    # -- rounding -----------------------------------------------------------------
    def r(self, x):
        """BF16 rounding point of the official forward."""
        return x.to(torch.bfloat16).to(x.dtype) if self.numerics == "official" else x

    def q8(self, x, group=128):
        if self.numerics == "float":
            return x
        return straight_through(x, act_fp8(x.detach(), group))

    def q4(self, x):
        if self.numerics == "float":
            return x
        return straight_through(x, act_fp4(x.detach()))

    def rms(self, x, norm=None):
        y = x * rsqrt_mean_square(x, self.cfg.rms_norm_eps)
        return self.r(y * norm.weight if norm is not None else y)

    def query_norm(self, q):
        """Weightless norm of each head; the official forward takes every step of it through BF16."""
        if self.numerics != "official":
            return self.rms(q)
        r = self.r
        return r(q * r(torch.rsqrt(r(r(r(q * q).mean(-1, keepdim=True)) + self.cfg.rms_norm_eps))))

    @staticmethod
    def unscaled(scores):
        """exp(score - largest), the largest taken without the sink (the last column)."""
        return torch.exp(scores - scores[..., :-1].amax(-1, keepdim=True))

    def probabilities(self, scores):
        """The official forward rounds before it divides, and sums what is not rounded."""
        return self.r(self.unscaled(scores)) if self.numerics == "official" else torch.softmax(scores, -1)

    def denominator(self, scores):
        return self.unscaled(scores).sum(-1, keepdim=True)

    def linear(self, layer, x):
        """A quantised linear: the input is rounded to FP8 in groups of 128."""
        return self.r(F.linear(x, layer.weight))

    def compress_kv(self, x):
        """FP8 round trip of the components that carry no rotation."""
        rd = self.cfg.qk_rope_head_dim
        if self.numerics == "float":
            return x
        return torch.cat((self.q8(x[..., :-rd], 64), x[..., -rd:]), -1)

    # -- tables -------------------------------------------------------------------
    def rope(self, compressed, length, ref):
        key = ("rope", compressed, ref.dtype)
        table = self._tables.get(key)
        if table is None or table[0].shape[0] < length:
            size = max(length, 512)
            angle = torch.arange(size, dtype=torch.float32)[:, None] * rope_frequencies(self.cfg, compressed)
            angle = angle.to(ref.device, ref.dtype)
            table = self._tables[key] = (angle.cos(), angle.sin())
        return table[0][:length], table[1][:length]

    def bias(self, T, ratio, ref):
        """Additive visibility [T, T + entries + 1]; the last column is the sink."""
        key = ("bias", T, ratio, ref.dtype)
        if key not in self._tables:
            t = torch.arange(T)[:, None]
            s = torch.arange(T)[None]
            seen = (s <= t) & (s > t - self.cfg.sliding_window)
            if ratio:
                w = torch.arange(T // ratio)[None]
                seen = torch.cat((seen, w < (t + 1) // ratio), 1)
            seen = torch.cat((seen, torch.ones(T, 1, dtype=torch.bool)), 1)
            self._tables[key] = torch.zeros(seen.shape, dtype=ref.dtype).masked_fill_(~seen, float("-inf")).to(ref.device)
        return self._tables[key]

    # -- hyper-connections --------------------------------------------------------
    def mix(self, block, site, X):
        """mHC coefficients of one site: A [N,n], C [N,n], B [n,n,N]."""
        cfg, n = self.cfg, self.cfg.hc_mult
        fn, base, scale = (getattr(block, f"hc_{site}_{p}") for p in ("fn", "base", "scale"))
        v = X.flatten(1)
        m = F.linear(v, fn) * rsqrt_mean_square(v, cfg.rms_norm_eps)
        a = torch.sigmoid(m[:, :n] * scale[0] + base[:n]) + cfg.hc_eps
        c = 2 * torch.sigmoid(m[:, n:2 * n] * scale[1] + base[n:2 * n])
        b = (m[:, 2 * n:] * scale[2] + base[2 * n:]).t().reshape(n, n, -1)
        return a, c, sinkhorn(b, n, cfg.hc_sinkhorn_iters, cfg.hc_eps)

    def collapse(self, a, X):
        return self.r((a.unsqueeze(-1) * X).sum(1))

    def expand(self, c, b, X, y):
        """X'[k] = C_k y + sum_j B_jk X[j] (note: the first index of B is summed)."""
        coeff = torch.cat((b.permute(2, 1, 0), c.unsqueeze(-1)), 2)
        return self.r(torch.bmm(coeff, torch.cat((X, y.unsqueeze(1)), 1)))

    def head_collapse(self, owner, X):
        v = X.flatten(1)
        m = F.linear(v, owner.hc_head_fn) * rsqrt_mean_square(v, self.cfg.rms_norm_eps)
        return self.collapse(torch.sigmoid(m * owner.hc_head_scale + owner.hc_head_base) + self.cfg.hc_eps, X)

    # -- attention ----------------------------------------------------------------
    def entries(self, comp, x, cos, sin):
        """Compressed entries [B, T//r, dim] before their final rounding."""
        B, T, _ = x.shape
        r, d = comp.ratio, comp.dim
        W = T // r
        x = x[:, :W * r]
        kv = F.linear(x, comp.wkv.weight).unflatten(1, (W, r))
        z = F.linear(x, comp.wgate.weight).unflatten(1, (W, r)) + comp.ape
        if comp.overlap:
            kv_prev = F.pad(kv[:, :-1, :, :d], (0, 0, 0, 0, 1, 0))
            z_prev = F.pad(z[:, :-1, :, :d], (0, 0, 0, 0, 1, 0), value=float("-inf"))
            kv = torch.cat((kv_prev, kv[..., d:]), 2)
            z = torch.cat((z_prev, z[..., d:]), 2)
        e = self.r((kv * torch.softmax(z, 2)).sum(2))
        e = self.rms(e, comp.norm)
        return self.r(rotate(e.unsqueeze(2), cos[:W * r:r], sin[:W * r:r], self.cfg.qk_rope_head_dim).squeeze(2))

    def index_scores(self, ix, x, qr, cos, sin):
        """Lightning-indexer scores [B, T, W]."""
        cfg = self.cfg
        q = self.r(F.linear(qr, ix.wq_b.weight)).unflatten(-1, (cfg.index_n_heads, cfg.index_head_dim))
        q = self.r(rotate(q, cos, sin, cfg.qk_rope_head_dim))
        q = self.q4(self.r(hadamard(q)))
        k = self.q4(self.r(hadamard(self.entries(ix.compressor, x, cos, sin))))
        w = self.r(F.linear(x, ix.weights_proj.weight)) * (cfg.index_head_dim ** -0.5 * cfg.index_n_heads ** -0.5)
        s = torch.relu(self.r(torch.einsum("bthd,bwd->bthw", q, k)))
        return self.r((s * w.unsqueeze(-1)).sum(2))

    def attention(self, at, x):
        cfg = self.cfg
        B, T, _ = x.shape
        H, d, rd = cfg.num_attention_heads, cfg.head_dim, cfg.qk_rope_head_dim
        cos, sin = self.rope(at.ratio > 0, T, x)
        xq = self.q8(x)
        qr = self.rms(self.linear(at.wq_a, xq), at.q_norm)
        qrq = self.q8(qr)
        q = self.query_norm(self.linear(at.wq_b, qrq).unflatten(-1, (H, d)))
        q = self.r(rotate(q, cos, sin, rd))
        kv = self.rms(self.linear(at.wkv, xq), at.kv_norm)
        kv = self.compress_kv(self.r(rotate(kv.unsqueeze(2), cos, sin, rd).squeeze(2)))
        bias = self.bias(T, at.ratio, x)[:, None, :]
        W = T // at.ratio if at.ratio else 0
        if W:
            e = self.compress_kv(self.entries(at.compressor, x, cos, sin))
            kv = torch.cat((kv, e), 1)
        kv = F.pad(kv, (0, 0, 0, 1))  # the sink: a key and value of zeros, its logit comes from the bias
        sink = F.pad(at.attn_sink[:, None], (T + W, 0))
        scores = torch.bmm(q.reshape(B, T * H, d), kv.transpose(1, 2)).view(B, T, H, -1) * d ** -0.5
        scores = scores + (bias + sink)
        if at.ratio == 4 and W > cfg.index_topk:
            scores = self.select(at, x, qrq, cos, sin, scores, T, W)
        o = torch.bmm(self.probabilities(scores).view(B, T * H, -1), kv).view(B, T, H, d)
        if self.numerics == "official":
            o = self.r(o / self.denominator(scores))
        o = self.r(rotate(o, cos, sin, rd, -1.0))
        o = o.reshape(B * T, cfg.o_groups, -1).transpose(0, 1)
        wo_a = at.wo_a.weight.view(cfg.o_groups, cfg.o_lora_rank, -1)
        z = self.r(torch.bmm(o, wo_a.transpose(1, 2))).transpose(0, 1).reshape(B, T, -1)
        return self.linear(at.wo_b, self.q8(z))

    def select(self, at, x, qrq, cos, sin, scores, T, W):
        """Keep only the top-k compressed entries of each query.

        Selection has no gradient. While training, the indexer instead learns to
        imitate the attention weights that the heads give to the entries.
        """
        future = self.bias(T, 4, x)[:, T:T + W]
        training = self.index_losses is not None
        with torch.set_grad_enabled(training):
            xi, qi = (x.detach(), qrq.detach())
            s = self.index_scores(at.indexer, xi, qi, cos, sin) + future
        if training:
            rows = slice(4 * self.cfg.index_topk, None)
            target = torch.softmax(scores[:, rows, :, T:T + W].detach(), -1).mean(2)
            logp = torch.log_softmax(s[:, rows], -1).masked_fill(future[rows] < 0, 0.0)
            self.index_losses.append(-(target * logp).sum(-1).mean())
        if self.dense:
            return scores
        top = s.detach().topk(self.cfg.index_topk, -1).indices
        drop = torch.full_like(s, float("-inf")).scatter_(-1, top, 0.0)
        keep = torch.cat((torch.zeros_like(drop[..., :1]).expand(-1, -1, T), drop,
                          torch.zeros_like(drop[..., :1])), -1)
        return scores + keep[:, :, None]

    # -- mixture of experts -------------------------------------------------------
    def expert(self, x, w1, w2, w3, weight=None):
        limit = self.cfg.swiglu_limit
        h = F.silu(self.r(F.linear(x, w1)).clamp(max=limit)) * self.r(F.linear(x, w3)).clamp(-limit, limit)
        if weight is not None:
            h = h * weight
        return self.r(F.linear(self.q8(self.r(h)), w2))

    def route(self, gate, x, ids):
        s = torch.sqrt(F.softplus(F.linear(x, gate.weight)))
        if gate.hashed:
            idx = gate.tid2eid[ids]
        else:
            idx = (s.detach() + gate.bias).topk(self.cfg.num_experts_per_tok, -1).indices
        w = s.gather(-1, idx)
        return idx, self.cfg.routed_scaling_factor * w / w.sum(-1, keepdim=True)

    def routed(self, experts, xq, idx, w):
        """Sort token/expert pairs by expert, run each expert once, put the results back."""
        K = idx.shape[1]
        flat = idx.reshape(-1)
        order = flat.argsort(stable=True)
        counts = torch.bincount(flat, minlength=self.cfg.n_routed_experts).tolist()
        xs = xq.index_select(0, order // K).split(counts)
        ws = w.reshape(-1, 1).index_select(0, order).split(counts)
        w1, w2, w3 = (t.unbind(0) for t in (experts.w1, experts.w2, experts.w3))
        out = [self.expert(xs[e], w1[e], w2[e], w3[e], ws[e]) for e, c in enumerate(counts) if c]
        back = torch.empty_like(order).scatter_(0, order, torch.arange(order.numel()))
        return torch.cat(out).index_select(0, back).view(-1, K, xq.shape[1]).sum(1), counts

    def moe(self, ffn, x, ids):
        idx, w = self.route(ffn.gate, x, ids)
        xq = self.q8(x)
        y, ffn.load = self.routed(ffn.experts, xq, idx, w)
        s = ffn.shared_experts
        return self.r(y + self.expert(xq, s.w1.weight, s.w2.weight, s.w3.weight))

    # -- the network --------------------------------------------------------------
    def block(self, block, X, ids, shape):
        a, c, b = self.mix(block, "attn", X)
        x = self.rms(self.collapse(a, X), block.attn_norm)
        y = self.attention(block.attn, x.view(*shape, -1)).reshape(x.shape)
        X = self.expand(c, b, X, y)
        a, c, b = self.mix(block, "ffn", X)
        y = self.moe(block.ffn, self.rms(self.collapse(a, X), block.ffn_norm), ids)
        return self.expand(c, b, X, y)

    def streams(self, ids):
        """Residual streams [B*T, n, D] after the last layer."""
        flat = ids.reshape(-1)
        X = self.embed.weight[flat].unsqueeze(1).expand(-1, self.cfg.hc_mult, -1)
        for block in self.layers:
            X = self.block(block, X, flat, ids.shape)
        return X

    def logits(self, owner, X):
        return F.linear(self.rms(self.head_collapse(owner, X), owner.norm), self.head.weight)

    def mtp_streams(self, X, ids, next_ids, depth=0):
        """Streams of the MTP block; X belongs to positions whose next token is `next_ids`."""
        m = self.mtp[depth]
        flat = next_ids.reshape(-1)
        e = self.linear(m.e_proj, self.q8(self.rms(self.embed.weight[flat], m.enorm)))
        h = self.linear(m.h_proj, self.q8(self.rms(X, m.hnorm)))
        return self.block(m, self.r(e.unsqueeze(1) + h), flat, next_ids.shape)

    def forward(self, ids):
        """Logits [B, T, V]."""
        return self.logits(self, self.streams(ids)).view(*ids.shape, -1)
