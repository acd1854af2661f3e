"""Random weights to start from."""
import torch


def slots(dim, rotated, preference=3.0):
    """Position biases [4, 2 dim] by which an entry begins as eight slots beside each other, one for each token it is made of.

    Pooling starts as a choice: every channel prefers one of the eight tokens, an eighth of the channels each, so that
    which token stood where is not averaged away. What training makes of it is its own affair.
    """
    bias = torch.zeros(2, 4, dim)
    for first, count in ((0, dim - rotated), (dim - rotated, rotated)):
        for slot in range(8):
            group, place = divmod(slot, 4)  # the four tokens before, then the four themselves
            bias[group, place, first + slot * count // 8:first + (slot + 1) * count // 8] = preference
    return torch.cat((bias[0], bias[1]), 1)


@torch.no_grad()
def initialise(model, seed):
    """Small random weights; streams start almost separate; hash routing is a fixed balanced table."""
    gen = torch.Generator().manual_seed(seed)
    normal = lambda p, std: p.copy_(torch.randn(p.shape, generator=gen) * std)
    cfg = model.cfg
    n = cfg.hc_mult
    for name, p in model.named_parameters():
        if "norm" in name:
            continue
        if name.startswith("embed"):
            normal(p, 0.5)
        elif name.endswith("_fn"):
            normal(p, 0.02)
        elif name.endswith("_scale"):
            p.fill_(0.5)
        elif name.endswith("hc_head_base"):
            normal(p, 0.3)
        elif name.endswith("_base"):
            normal(p, 0.5)
            p[2 * n:] += 3 * torch.eye(n).flatten()
        elif name.endswith("ape"):
            normal(p, 0.1)
            if p.shape[0] == 4:
                p += slots(p.shape[1] // 2, cfg.qk_rope_head_dim)
        elif name.endswith("attn_sink"):
            p.zero_()
        else:
            small = name.endswith(("wo_b.weight", "w2", "w2.weight"))
            normal(p, (0.5 if small or name.startswith("head") else 1.0) * p.shape[-1] ** -0.5)
    for name, table in model.named_buffers():
        if name.endswith("tid2eid"):
            experts, chosen = cfg.n_routed_experts, table.shape[1]
            for start in range(0, table.shape[0], experts):  # every run of E tokens uses every expert equally
                order = torch.randperm(experts, generator=gen)
                rows = min(experts, table.shape[0] - start)
                table[start:start + rows] = torch.stack([order.roll(-j) for j in range(chosen)], 1)[:rows]
