"""Trains Minnow from nothing: `python train.py RUN`.

Makes the examples, trains, and draws the curves of loss and skills.

The live model always holds weights as they will be stored (FP4 experts, FP8 linears, BF16 rest) and rounds activations as the
official forward does; gradients flow straight through to float32 masters. The learning rate rises, stays, and falls to nothing
over the last `--decay` steps. Everything follows from the step number: stopped and started again with the same folder, a run
goes on as if nothing had happened. The state before the fall is kept (`before-decay.pt`): with more `--steps` a finished run
continues from there.
"""
import argparse
import json
import math
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import torch

import curves
import learner
import plain
from batches import Stream
from checks import Checks
from config import Config
from data.make import examples, make
from fast.attention import LONGEST
from fast.build import available
from fast.stored import write_live
from initialise import initialise
from model import Model
from optim import Optimizer
from stored import ROUND, formats

HERE = os.path.dirname(os.path.abspath(__file__))


class Masters:
    """Float32 weights, the live weights made of their stored values, and what the optimiser remembers."""

    def __init__(self, cfg, seed, device, dtype, **optimizer):
        model = Model(cfg)
        initialise(model, seed)
        self.cfg, self.device, self.kinds = cfg, device, formats(model)
        self.weights = {n: p.detach().to(device, copy=True) for n, p in model.named_parameters()}
        self.live = {n: torch.empty_like(p, dtype=dtype if p.dim() >= 2 and self.kinds[n] != "f32" else torch.float32)
                     for n, p in self.weights.items()}
        self.buffers = {n: b.to(device) for n, b in model.named_buffers()}
        self.optimizer = Optimizer(self.weights, **optimizer)
        self.place = {"step": 0, "seconds": 0.0, "tokens": 0, "data": (0, 0), "schedule": None}

    def store(self):
        """Puts what would be read back from disk into the live weights."""
        for name, master in self.weights.items():
            if self.live[name].dtype == torch.bfloat16:
                write_live(self.kinds[name], master, self.live[name])
            else:
                self.live[name].copy_(ROUND[self.kinds[name]](master))

    def balance(self, loads, amount):
        """Nudges the selection bias of each expert towards equal load; `loads` by block name."""
        for name, load in loads.items():
            bias = self.buffers.get(f"{name}.ffn.gate.bias")
            if bias is not None:
                bias += amount * torch.sign(load.mean() - load)

    def save(self, path):
        torch.save({"masters": self.weights, "buffers": self.buffers, "optimizer": self.optimizer.state(),
                    "config": asdict(self.cfg), **self.place}, path + ".tmp")
        os.replace(path + ".tmp", path)

    def load(self, path):
        saved = torch.load(path, map_location=self.device)
        if asdict(Config.from_dict(saved["config"])) != asdict(self.cfg):
            raise SystemExit(f"{path} is of a model of other sizes; name another folder")
        for name, tensor in saved["masters"].items():
            self.weights[name].copy_(tensor)
        for name, tensor in saved["buffers"].items():
            self.buffers[name].copy_(tensor)
        self.optimizer.load(saved["optimizer"])
        self.place = {key: saved[key] for key in self.place}


def rate(step, args):
    """Part of the full learning rate at a step."""
    return min(1.0, (step + 1) / args.warmup, max(0.0, (args.steps - step) / args.decay))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("run", help="folder for checkpoints and log")
    ap.add_argument("--data", help="folder for examples, made as they are needed; default: RUN/data")
    ap.add_argument("--tokenizer", default=os.path.join(HERE, "..", "tokenizer.json"))
    ap.add_argument("--steps", type=int, default=8000)
    ap.add_argument("--decay", type=int, default=6400, help="last steps, over which the learning rate falls")
    ap.add_argument("--warmup", type=int, default=100)
    ap.add_argument("--tokens", type=int, default=8192, help="tokens a step")
    ap.add_argument("--longest", type=int, default=LONGEST, help="leave out longer conversations")
    ap.add_argument("--matrix-lr", type=float, default=0.005)
    ap.add_argument("--other-lr", type=float, default=8e-4)
    ap.add_argument("--optimizer", choices=("muon", "adam"), default="muon")
    ap.add_argument("--prompt-weight", type=float, default=0.1, help="of prompt tokens in the loss, falling to nothing over --prompt-steps")
    ap.add_argument("--prompt-steps", type=int, default=3000)
    ap.add_argument("--echo-weight", type=float, default=0.25, help="of prompt tokens that continue what stood in the prompt before")
    ap.add_argument("--dense-steps", type=int, default=2000, help="steps in which attention does not wait for the indexer to select")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=2, help="of the fast path; elsewhere one thread deals with everything")
    ap.add_argument("--plain", action="store_true", help="train model.py itself, as on processors without AVX512-BF16")
    ap.add_argument("--device", default="cpu", help="cuda: train model.py itself there")
    ap.add_argument("--save-every", type=float, default=180, help="seconds")
    ap.add_argument("--check-every", type=int, default=250, help="steps")
    args = ap.parse_args()
    os.makedirs(args.run, exist_ok=True)
    path = os.path.join(args.run, "checkpoint.pt")
    before_decay = os.path.join(args.run, "before-decay.pt")

    network, hands_wanted, dtype = plain, 1, torch.float32
    if args.device == "cpu" and not args.plain and available():
        from fast import network
        torch.set_num_threads(1)
        hands_wanted, dtype = args.threads, torch.bfloat16
    masters = Masters(Config(), args.seed, args.device, dtype, matrix_lr=args.matrix_lr, other_lr=args.other_lr, muon=args.optimizer == "muon")
    if os.path.exists(path):
        masters.load(path)
        steps, decay = masters.place["schedule"]
        if masters.place["step"] > steps - decay and (steps, decay) != (args.steps, args.decay) and os.path.exists(before_decay):
            masters.load(before_decay)
        print(f"continuing at step {masters.place['step']}, {masters.place['seconds']:.0f} s", flush=True)
    place = masters.place
    place["schedule"] = args.steps, args.decay
    folder = args.data or os.path.join(args.run, "data")
    train, test = os.path.join(folder, "train"), os.path.join(folder, "test")
    more = lambda: make(train, args.tokenizer, examples(train) + 40000)
    make(train, args.tokenizer, 40000)
    make(test, args.tokenizer, 4000, "test")
    stream = Stream(train, args.tokens, hands_wanted, more, device=args.device, place=place["data"], longest=args.longest)
    checks = Checks(test)
    hands = [learner.Learner(masters.cfg, masters.live, masters.buffers, network) for _ in range(hands_wanted)]
    stopped = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.append(True))

    masters.store()
    log = open(os.path.join(args.run, "log.jsonl"), "a", encoding="utf-8")
    saved_at, mean = time.time(), {}
    with ThreadPoolExecutor(hands_wanted) as pool:
        while place["step"] < args.steps and not stopped:
            started = time.time()
            step = place["step"]
            factor = rate(step, args)
            if step == args.steps - args.decay:
                masters.save(before_decay)
            dealt = stream.step(args.prompt_weight * max(0.0, 1 - step / args.prompt_steps), step < args.dense_steps, args.echo_weight)
            total = sum(float((b.weights).sum()) for batches in dealt for b in batches)
            with_mtp = step % 3 == 0
            results = list(pool.map(lambda hand, batches: hand.learn(batches, total, with_mtp), hands, dealt))
            grads = learner.summed([hand.grads for hand in hands])
            norm = torch.stack(torch._foreach_norm(list(grads.values()))).norm().item()
            if math.isfinite(norm):
                torch._foreach_mul_(list(grads.values()), min(1.0, 1.0 / (norm + 1e-9)))
                masters.optimizer.step(grads, factor)
                masters.balance(learner.summed_loads(results), 2e-3 * factor)
                masters.store()
            place["step"] += 1
            place["tokens"] += sum(len(b) for batches in dealt for b in batches)
            place["data"] = stream.place
            seconds = time.time() - started
            place["seconds"] += seconds
            now = learner.totals(results)
            now["tokens_per_second"] = sum(len(b) for batches in dealt for b in batches) / seconds
            for key, value in now.items():
                if value is not None:
                    mean[key] = value if key not in mean else 0.95 * mean[key] + 0.05 * value
            if place["step"] % 20 == 0:
                line = {"step": place["step"], "minutes": round(place["seconds"] / 60, 2), "tokens": place["tokens"], "rate": round(factor, 4),
                        "norm": round(norm, 3), **{k: round(v, 5) for k, v in mean.items()}}
                if place["step"] % args.check_every == 0:
                    line["checks"] = checks.run(hands[0])
                log.write(json.dumps(line) + "\n")
                log.flush()
                print(" ".join(f"{k} {v}" for k, v in line.items()), flush=True)
            if time.time() - saved_at > args.save_every:
                saved_at = time.time()
                masters.save(path)
    masters.save(path)
    curves.draw(args.run, args.run)


if __name__ == "__main__":
    main()
