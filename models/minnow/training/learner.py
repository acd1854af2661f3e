"""One of the threads that learn: gradients of its share of a step."""
import torch

from model import Model


class Learner:
    """A replica of the model on the shared live weights, with gradients of its own; `network` is fast.network or plain."""

    def __init__(self, cfg, live, buffers, network):
        self.network = network
        self.model = Model(cfg)
        for name, value in live.items():
            owner, _, leaf = name.rpartition(".")
            self.model.get_submodule(owner)._parameters[leaf] = torch.nn.Parameter(value)
        for name, value in buffers.items():
            owner, _, leaf = name.rpartition(".")
            self.model.get_submodule(owner)._buffers[leaf] = value
        self.grads = {}

    def learn(self, batches, total, with_mtp):
        """Gradients of the mean loss into `grads`; returns sums for the log."""
        sums = {"loss": 0.0, "rows": 0.0, "right": 0, "learned": 0, "index": 0.0, "indexed": 0, "mtp": 0.0, "mtp_rows": 0.0, "loads": {}}
        self.grads.clear()
        for batch in batches:
            self.one(batch, total, with_mtp, sums)
            for name, p in self.model.named_parameters():
                if p.grad is not None:
                    if name in self.grads:
                        self.grads[name].add_(p.grad)
                    else:
                        self.grads[name] = p.grad.float()
                    p.grad = None
        return sums

    def one(self, batch, total, with_mtp, sums):
        model, network, index_losses = self.model, self.network, []
        X = network.streams(model, batch.ids, batch.packed, index_losses)
        rows = batch.weights.nonzero().squeeze(1)
        loss, right = network.answer_loss(model, model, X[rows], batch.targets[rows], batch.weights[rows])
        objective = loss / total
        share = float(batch.weights.sum()) / total
        if index_losses:
            objective = objective + 0.1 * share * sum(index_losses)
            sums["index"] += sum(float(x.detach()) for x in index_losses)
            sums["indexed"] += len(index_losses)
        blocks = {f"layers.{i}": blk for i, blk in enumerate(model.layers)}
        if with_mtp:
            streams, here = network.mtp_streams(model, X.detach(), batch.ids, batch.packed)
            targets, weights = batch.after_next(here)
            rows_ = weights.nonzero().squeeze(1)
            mtp, _ = network.answer_loss(model, model.mtp[0], streams[rows_], targets[rows_], weights[rows_])
            objective = objective + 0.3 * mtp / total
            sums["mtp"] += float(mtp.detach())
            sums["mtp_rows"] += float(weights.sum())
            blocks["mtp.0"] = model.mtp[0]
        objective.backward()
        counted = batch.counts[rows]
        sums["learned"] += int(counted.sum())
        sums["right"] += int((right & counted).sum())
        sums["loss"] += float(loss.detach())
        sums["rows"] += float(batch.weights.sum())
        for name, blk in blocks.items():
            sums["loads"][name] = sums["loads"].get(name, 0) + torch.tensor(blk.ffn.load, dtype=torch.float32)


def summed(all_grads):
    """Gradients of all threads together, always in the same order."""
    first, *others = all_grads
    for grads in others:
        for name, g in grads.items():
            first[name] = first[name].add_(g) if name in first else g
    return first


def summed_loads(results):
    names = {name for r in results for name in r["loads"]}
    return {name: sum(r["loads"][name] for r in results if name in r["loads"]) for name in names}


def totals(results):
    """Means over a step for the log; None where nothing was counted."""
    of = lambda key: sum(r[key] for r in results)
    mean = lambda key, count: of(key) / of(count) if of(count) else None
    return {"loss": mean("loss", "rows"), "accuracy": mean("right", "learned"), "mtp": mean("mtp", "mtp_rows"), "index": mean("index", "indexed")}
