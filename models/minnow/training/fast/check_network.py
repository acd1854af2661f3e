"""The whole network against model.py: losses and every gradient on random conversations. `python -m fast.check_network`"""
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
    for key in ("loss", "mtp", "index"):
        print(f"{key}: {got[key]:.4f}, by model.py {expected[key]:.4f}")
    worst = 1.0
    for name, g in sorted(theirs.items()):
        if g.norm() == 0 and name not in mine:
            continue
        cosine = torch.nn.functional.cosine_similarity(mine[name].flatten(), g.flatten(), 0).item() if g.norm() > 0 else 1.0
        worst = min(worst, cosine)
        if cosine < 0.99:
            print(f"  {name}: cosine {cosine:.4f}, norms {mine[name].norm():.3e} {g.norm():.3e}")
    missing = set(theirs) ^ set(mine)
    print(f"{len(mine)} gradients, worst cosine {worst:.4f}; only on one side: {sorted(missing) or 'none'}")

    examples = [(torch.randint(3, cfg.vocab_size, (n,)), torch.rand(n) < 0.5, "random") for n in (200, 150, 650, 90, 300, 120, 700, 180) * 2]
    batch = Batch(examples, 0.1)
    for name, module, weights in (("fast", network, live), ("model.py", plain, exact)):
        learner = Learner(cfg, weights, buffers, module)
        learner.learn([batch], 1.0, False)
        started = time.time()
        learner.learn([batch], 1.0, False)
        print(f"{name}: {len(batch) / (time.time() - started):.0f} tokens/s in one thread")
    sys.exit(worst < 0.9 or bool(missing))


if __name__ == "__main__":
    main()
