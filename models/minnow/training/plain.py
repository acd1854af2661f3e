"""What fast/network.py offers, by model.py: for any processor and for GPUs. Sequences are padded at their ends, where nothing looks."""
import torch
import torch.nn.functional as F

from fast.packed import Packed


def padded(ids, packed):
    """[S, longest] token ids, and which of them are real."""
    rows = ids.split(packed.lengths)
    table = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    real = torch.arange(table.shape[1], device=ids.device) < torch.tensor(packed.lengths, device=ids.device)[:, None]
    return table, real


def streams(model, ids, packed, index_losses=None):
    """Residual streams [N, n, D] after the last layer."""
    model.numerics, model.index_losses, model.dense = "fakequant", index_losses, packed.dense
    table, real = padded(ids, packed)
    return model.streams(table).view(*table.shape, model.cfg.hc_mult, -1)[real]


def answer_loss(model, owner, X, targets, weights):
    """Weighted cross entropy, summed, and which rows' best guess is the target; `owner` is the model or an MTP block."""
    logits = model.logits(owner, X)
    return (F.cross_entropy(logits, targets, reduction="none") * weights).sum(), logits.argmax(-1) == targets


def mtp_streams(model, X, ids, packed):
    """Streams of the MTP block for all tokens but the last of each sequence, and which tokens those are; X [N, n, D]."""
    model.numerics, model.index_losses = "fakequant", None
    here = torch.ones(len(packed), dtype=torch.bool, device=ids.device)
    here[packed.starts[1:].long().to(ids.device) - 1] = False
    here = here.nonzero().squeeze(1)
    table, real = padded(ids, packed)
    wide = X.new_zeros(*table.shape, *X.shape[1:])
    wide[real] = X
    shorter = Packed([n - 1 for n in packed.lengths])
    _, kept = padded(ids[here], shorter)
    out = model.mtp_streams(wide[:, :-1].flatten(0, 1), table[:, :-1], table[:, 1:])
    return out.view(table.shape[0], -1, *X.shape[1:])[kept], here
