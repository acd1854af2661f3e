"""How much of each skill is there, while training: one forward pass over held-out examples."""
import torch

from batches import Batch, read
from data.read_shards import Shards


class Checks:
    """Share of held-out conversations whose every learned token is the greedy choice, by skill, with and without thinking.

    What is expected follows from the prompt, so this is about what greedy generation would get right, at the price of one pass.
    """

    def __init__(self, folder, each=32, longest=2048):
        shards = Shards(folder)
        self.rows = {}
        for i in range(len(shards)):
            for ids, learn, (skill, kind) in read(shards, i):
                pair = self.rows.setdefault(skill, ([], []))
                row = pair[0 if kind % 4 else 1]
                if len(row) < each and len(ids) <= longest:
                    row.append((ids, learn))

    @torch.no_grad()
    def run(self, learner):
        """skill -> [with thinking, without]."""
        return {skill: [round(self.exact(learner.network, learner.model, rows), 3) if rows else None for rows in pair]
                for skill, pair in sorted(self.rows.items())}

    @staticmethod
    def exact(network, model, rows):
        right = 0
        for row in rows:
            batch = Batch([row], 0.0)
            X = network.streams(model, batch.ids, batch.packed)
            at = batch.counts.nonzero().squeeze(1)
            _, hits = network.answer_loss(model, model, X[at], batch.targets[at], batch.weights[at])
            right += bool(hits.all())
        return right / len(rows)
