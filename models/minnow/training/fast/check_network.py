"""The whole network against model.py: losses and every gradient on random conversations. `python -m fast.check_network`

On random weights a rounding that goes the other way can send a token to another expert, so that two right ways of computing differ
much. How much is seen from a third: model.py without any rounding of activations. The parts' own checks are the sharp ones.
"""
import sys
import time

import torch

import plain
from batches import Batch
from config import Config
from fast import network
from fast.stored import write_live
from initialise import initialise
from learner import Learner
from model import Model
from stored import formats

LENGTHS = [3, 61, 130, 257, 90, 700, 128, 5]


def gradients(cfg, module, live, buffers, batch):
    learner = Learner(cfg, live, buffers, module)
    sums = learner.learn([batch], float(batch.weights.sum()), True)
    return learner.grads, sums


class Unrounded:
    """plain.py with activations as they are."""
    answer_loss = staticmethod(plain.answer_loss)

    @staticmethod
    def run(part, *args):
        was, Model.q8, q4 = Model.q8, lambda self, x, group=128: x, Model.q4
        Model.q4 = lambda self, x: x
        try:
            return part(*args)
        finally:
            Model.q8, Model.q4 = was, q4

    @classmethod
    def streams(cls, *args):
        return cls.run(plain.streams, *args)

    @classmethod
    def mtp_streams(cls, *args):
        return cls.run(plain.mtp_streams, *args)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    cfg = Config()
    model = Model(cfg)
    initialise(model, 1)
    kinds = formats(model)
    exact, live = {}, {}
    for name, p in model.named_parameters():
        exact[name] = torch.empty_like(p)
        write_live(kinds[name] if kinds[name] in ("f32", "bf16") or p.dim() < 2 else "bf16", p.detach(), exact[name])
        live[name] = exact[name].to(torch.bfloat16) if p.dim() >= 2 and kinds[name] != "f32" else exact[name]
        exact[name] = live[name].float()
    buffers = dict(model.named_buffers())
    examples = [(torch.randint(3, cfg.vocab_size, (n,)), torch.rand(n) < 0.5, "random") for n in LENGTHS]
    batch = Batch(examples, 0.1)
    theirs, expected = gradients(cfg, plain, exact, buffers, batch)
    mine, got = gradients(cfg, network, live, buffers, batch)
    unrounded, _ = gradients(cfg, Unrounded, exact, buffers, batch)
    for key in ("loss", "mtp", "index"):
        print(f"{key}: {got[key]:.4f}, by model.py {expected[key]:.4f}")
    # The indexer learns from a sample of tokens here and from all there; sums of a few signs say little.
    compared = {name: t for name, t in theirs.items() if ".indexer." not in name and t.numel() > 24}
    distances = [(name, *(((g[name] - t).norm() / t.norm()).item() for g in (mine, unrounded)))
                 for name, t in sorted(compared.items()) if t.norm() > 1e-3 * max(t.norm() for t in compared.values())]
    far = [(name, d, floor) for name, d, floor in distances if d > 1.3 * floor + 0.05]
    for row in far:
        print("  {}: {:.3f} from model.py, which is {:.3f} from itself without rounding".format(*row))
    missing = set(theirs) ^ set(mine)
    middle = [sorted(column)[len(distances) // 2] for column in ([d for _, d, _ in distances], [f for *_, f in distances])]
    print(f"{len(mine)} gradients, {len(far)} too far off; median distance {middle[0]:.3f}, without rounding {middle[1]:.3f}; "
          f"only on one side: {sorted(missing) or 'none'}")

    examples = [(torch.randint(3, cfg.vocab_size, (n,)), torch.rand(n) < 0.5, "random") for n in (200, 150, 650, 90, 300, 120, 700, 180) * 2]
    batch = Batch(examples, 0.1)
    for name, module, weights in (("fast", network, live), ("model.py", plain, exact)):
        learner = Learner(cfg, weights, buffers, module)
        learner.learn([batch], 1.0, False)
        started = time.time()
        learner.learn([batch], 1.0, False)
        print(f"{name}: {len(batch) / (time.time() - started):.0f} tokens/s in one thread")
    sys.exit(bool(far or missing))


if __name__ == "__main__":
    main()
