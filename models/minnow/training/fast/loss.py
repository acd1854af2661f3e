"""The vocabulary head with its cross entropy over loss.c."""
import ctypes

import torch

from fast.build import library, long, pointer


class _CrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, head, targets, weights):
        run = library("loss").loss_cross_entropy
        run.restype = ctypes.c_double
        x, head, targets, weights = (t.contiguous() for t in (x, head, targets, weights))
        (M, D), V = x.shape, head.shape[0]
        assert D % 32 == 0 and V % 32 == 0 and x.dtype == head.dtype == torch.bfloat16
        assert targets.dtype == torch.int64 and weights.dtype == torch.float32
        learning = any(ctx.needs_input_grad[:2])
        correct = torch.empty(M, dtype=torch.bool)
        dx = torch.empty_like(x) if learning else None
        dhead = torch.empty(V, D) if learning else None
        sizes = (long(n) for n in (M, D, V))
        loss = run(pointer(x), pointer(head), pointer(targets), pointer(weights), pointer(correct),
                   dx if dx is None else pointer(dx), dhead if dhead is None else pointer(dhead), *sizes)
        ctx.save_for_backward(dx, dhead)
        ctx.mark_non_differentiable(correct)
        return torch.tensor(loss, dtype=torch.float32), correct

    @staticmethod
    def backward(ctx, g, _):
        dx, dhead = ctx.saved_tensors
        g = float(g)
        return dx * g, (dhead * g).to(torch.bfloat16), None, None


def cross_entropy(x, head_weight, targets, weights):
    """x [M, D] and head_weight [V, D] BF16, targets int64 [M], weights float32 [M].

    Returns the sum of weights * cross entropy (float32 scalar) and whether each row's
    largest logit is the target's (bool [M]).
    """
    return _CrossEntropy.apply(x, head_weight, targets, weights)
