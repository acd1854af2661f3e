"""The mixture of experts as one autograd function over experts.c."""
import ctypes

import torch

from fast.build import library, long, pointer

LIMIT = ctypes.c_float


class _Moe(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gate, w1, w2, w3, s1, s2, s3, bias, chosen, cfg, quantise):
        lib = library("experts")
        x, gate, *weights = (t.contiguous() for t in (x, gate, w1, w2, w3, s1, s2, s3))
        w1, w2, w3, s1, s2, s3 = weights
        N, D = x.shape
        E, I, _ = w1.shape
        K, S = cfg.num_experts_per_tok, s1.shape[0]
        assert D % 128 == 0 and I % 128 == 0 and S % 128 == 0 and K <= 16
        assert all(t.dtype == torch.bfloat16 for t in (x, gate, *weights))
        given = chosen is not None
        chosen = chosen.to(torch.int32).contiguous() if given else torch.empty(N, K, dtype=torch.int32)
        score, weight = torch.empty(N, K), torch.empty(N, K)
        lib.experts_route(pointer(x), pointer(gate), None if given else pointer(bias), pointer(chosen), pointer(score),
                          pointer(weight), long(N), long(D), E, K, LIMIT(cfg.routed_scaling_factor))
        order, starts = torch.empty(N * K, dtype=torch.int32), torch.empty(E + 1, dtype=torch.int32)
        lib.experts_sort(pointer(chosen), pointer(order), pointer(starts), long(N * K), E)
        whole = torch.tensor([0, N], dtype=torch.int32)
        empty = lambda *shape: torch.empty(*shape, dtype=torch.bfloat16)
        h, hs = empty(N * K + 8, 2 * I), empty(N + 8, 2 * S)
        part, shared, y = empty(N * K, D), empty(N, D), empty(N, D)
        limit, quantise = LIMIT(cfg.swiglu_limit), int(quantise)
        lib.experts_forward(pointer(x), pointer(w1), pointer(w2), pointer(w3), pointer(order), pointer(starts),
                            pointer(weight), pointer(h), pointer(part), long(D), long(I), E, K, limit, quantise)
        lib.experts_forward(pointer(x), pointer(s1), pointer(s2), pointer(s3), None, pointer(whole),
                            None, pointer(hs), pointer(shared), long(D), long(S), 1, 1, limit, quantise)
        lib.experts_sum(pointer(y), pointer(shared), pointer(part), long(N), long(D), K)
        ctx.save_for_backward(x, gate, w1, w2, w3, s1, s2, s3, chosen, score, weight, order, starts, whole, h, hs)
        ctx.args = cfg.routed_scaling_factor, cfg.swiglu_limit, quantise
        ctx.mark_non_differentiable(starts)
        return y, starts

    @staticmethod
    def backward(ctx, dy, _):
        lib = library("experts")
        x, gate, w1, w2, w3, s1, s2, s3, chosen, score, weight, order, starts, whole, h, hs = ctx.saved_tensors
        factor, limit, quantise = ctx.args
        (N, D), (E, I, _), K, S = x.shape, w1.shape, chosen.shape[1], s1.shape[0]
        dy = dy.contiguous()
        part, shared, dx = (torch.empty(n, D, dtype=torch.bfloat16) for n in (N * K, N, N))
        dweight, dgate = torch.empty(N, K), torch.empty(E, D)
        d1, d2, d3, t1, t2, t3 = (torch.empty_like(w) for w in (w1, w2, w3, s1, s2, s3))
        lib.experts_backward(pointer(x), pointer(dy), pointer(w1), pointer(w2), pointer(w3), pointer(order),
                             pointer(starts), pointer(weight), pointer(h), pointer(part), pointer(dweight),
                             pointer(d1), pointer(d2), pointer(d3), long(D), long(I), E, K, LIMIT(limit), quantise)
        lib.experts_backward(pointer(x), pointer(dy), pointer(s1), pointer(s2), pointer(s3), None, pointer(whole),
                             None, pointer(hs), pointer(shared), None, pointer(t1), pointer(t2), pointer(t3),
                             long(D), long(S), 1, 1, LIMIT(limit), quantise)
        lib.experts_join(pointer(x), pointer(gate), pointer(chosen), pointer(score), pointer(dweight), pointer(shared),
                         pointer(part), pointer(dx), pointer(dgate), long(N), long(D), E, K, LIMIT(factor))
        return dx, dgate.to(gate.dtype), d1, d2, d3, t1, t2, t3, None, None, None, None


def moe(cfg, ffn, x, ids, quantise):
    """`ffn` shaped like model.FFN on BF16 x [N, D], normed and not yet rounded; ids int64 [N].

    Returns y [N, D] BF16 and the list of tokens per routed expert.
    """
    gate, routed, shared = ffn.gate, ffn.experts, ffn.shared_experts
    chosen = gate.tid2eid[ids] if gate.hashed else None
    bias = None if gate.hashed else gate.bias
    y, starts = _Moe.apply(x, gate.weight, routed.w1, routed.w2, routed.w3, shared.w1.weight, shared.w2.weight,
                           shared.w3.weight, bias, chosen, cfg, quantise)
    return y, starts.diff().tolist()
