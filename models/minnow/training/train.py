"""Trains Minnow from nothing: `python train.py RUN_FOLDER --model-dir ..`.

The live model always holds weights as they will be stored (FP4 experts, FP8
linears, BF16 rest); gradients flow straight through to float32 masters. In the
last 40 % the activations are rounded as in the official forward as well.
The schedule follows the clock (`--minutes`), so the run fits any machine.
Start it again with the same folder and it continues from its last checkpoint.
"""
import argparse
import math
import os
import random
import time

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import data
from config import Config
from model import Model
from optim import Optimizer
from stored import formats, store


def initialise(model, seed):
    """Small random weights; streams start almost separate; hash routing is a fixed balanced table."""
    gen = torch.Generator().manual_seed(seed)
    normal = lambda p, std: p.copy_(torch.randn(p.shape, generator=gen) * std)
    cfg = model.cfg
    n = cfg.hc_mult
    with torch.no_grad():
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
            elif name.endswith("attn_sink"):
                p.zero_()
            else:
                small = name.endswith(("wo_b.weight", "w2", "w2.weight"))
                normal(p, (0.5 if small or name.startswith("head") else 1.0) * p.shape[-1] ** -0.5)
        for name, b in model.named_buffers():
            if name.endswith("tid2eid"):
                e, k = cfg.n_routed_experts, b.shape[1]
                for start in range(0, b.shape[0], e):  # every run of E tokens uses every expert equally
                    order = torch.randperm(e, generator=gen)
                    rows = min(e, b.shape[0] - start)
                    b[start:start + rows] = torch.stack([order.roll(-j) for j in range(k)], 1)[:rows]


def is_matrix(name, p):
    return p.dim() >= 2 and (".attn.w" in name or ".experts.w" in name or "shared_experts" in name
                             or "_proj.weight" in name and "weights_proj" not in name or "indexer.wq_b" in name)


def examples(encoder, seed, count, thinking, op):
    """Held-out three-digit questions with their exact expected continuation, padded."""
    rng = random.Random(f"check-{seed}")
    rows = []
    for _ in range(count):
        q, thought, reply, _ = data.arithmetic(rng, True, 3, op)
        parts = [("bos", ""), ("user", ""), ("text", q), ("assistant", "")]
        parts += [("think", ""), ("learn", thought), ("learn_end_think", "")] if thinking else [("end_think", "")]
        rows.append(encoder.encode(parts + [("learn", reply), ("learn_eos", "")]))
    width = max(len(i) for i, _ in rows)
    ids = torch.ones(count, width, dtype=torch.int64)
    learn = torch.zeros(count, width, dtype=torch.bool)
    for r, (i, m) in enumerate(rows):
        ids[r, :len(i)], learn[r, :len(m)] = torch.tensor(i), torch.tensor(m)
    return ids, learn


@torch.no_grad()
def exact(model, ids, learn):
    """Share of conversations whose every learned token is the greedy choice.

    The expected text is a function of the prompt, so this equals greedy generation being
    exact, at the price of one forward pass.
    """
    losses, model.index_losses = model.index_losses, None
    with torch.autocast("cpu", torch.bfloat16, enabled=model.numerics != "float"):
        best = model(ids)[:, :-1].argmax(-1)
    model.index_losses = losses
    return ((best == ids[:, 1:]) | ~learn[:, 1:]).all(1).float().mean().item()


# (part of the schedule, conversations, weight of answers without thinking, weight of the word that
# says which operand is larger). Direct answers are much harder than worked ones: at first they would
# only be noise, at the end they must not take capacity from the thinking. The comparison is the
# hardest single step of the thinking, so the last phase dwells on it.
PHASES = [(0.0, data.EARLY, 0.3, 1.0), (0.3, data.MIDDLE, 1.0, 1.0), (0.6, data.LATE, 0.3, 1.0),
          (0.72, data.FINAL, 0.05, 10.0)]


class Threads:
    """Uses every core while the machine is otherwise idle, one when it is shared.

    OpenMP barriers on a busy core cost far more than the second thread brings in.
    """

    def __init__(self, most):
        self.most, self.last = most, None

    def sample(self):
        with open("/proc/stat", encoding="ascii") as f:
            user, nice, system, idle, wait, *rest = map(int, f.readline().split()[1:])
        busy = (user + nice + system + sum(rest[:2])) / os.sysconf("SC_CLK_TCK")
        return time.time(), busy - sum(os.times()[:2])

    def adjust(self):
        if self.most < 2 or not os.path.exists("/proc/stat"):
            return
        now = self.sample()
        if self.last:
            others = (now[1] - self.last[1]) / (now[0] - self.last[0])
            torch.set_num_threads(self.most if others < 0.3 else 1)
        self.last = now


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("run", help="folder for checkpoints and log")
    ap.add_argument("--model-dir", default="..", help="folder with tokenizer.json")
    ap.add_argument("--minutes", type=float, default=90)
    ap.add_argument("--tokens", type=int, default=4096, help="tokens per step")
    ap.add_argument("--matrix-lr", type=float, default=0.02)
    ap.add_argument("--other-lr", type=float, default=3e-3)
    ap.add_argument("--round-activations-from", type=float, default=0.6)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--save-every", type=float, default=180, help="seconds")
    args = ap.parse_args()
    torch.set_num_threads(1)
    os.makedirs(args.run, exist_ok=True)
    path = os.path.join(args.run, "checkpoint.pt")

    cfg = Config()
    model = Model(cfg)
    initialise(model, args.seed)
    kinds = formats(model)
    masters = {n: p.detach().clone() for n, p in model.named_parameters()}
    opt = Optimizer(masters, is_matrix, args.matrix_lr, args.other_lr)
    step, elapsed = 0, 0.0
    if os.path.exists(path):
        saved = torch.load(path)
        for n, t in saved["masters"].items():
            masters[n].copy_(t)
        model.load_state_dict(saved["buffers"], strict=False)
        opt.load(saved["optimizer"])
        step, elapsed = saved["step"], saved["elapsed"]
        print(f"continuing at step {step}, {elapsed:.0f} s", flush=True)

    def save():
        buffers = {n: b for n, b in model.named_buffers()}
        torch.save({"masters": masters, "buffers": buffers, "optimizer": opt.state(), "step": step,
                    "elapsed": elapsed, "config": vars(cfg)}, path + ".tmp")
        os.replace(path + ".tmp", path)

    encoder = data.Encoder(Tokenizer.from_file(os.path.join(args.model_dir, "tokenizer.json")))
    checks = {f"{op} {'think' if th else 'direct'}": examples(encoder, 5, 64, th, op) for th in (True, False) for op in "+-"}
    total = args.minutes * 60
    phase = lambda: [p for p in PHASES if elapsed / total >= p[0]][-1]
    stream = data.batches(f"{args.seed}-{step}", encoder, args.tokens, lambda: phase()[1])
    decisions = torch.tensor([encoder.tokenizer.token_to_id(t) for t in ("Ġpositive", "Ġnegative")])
    think_id = encoder.ids["think"]
    last, last_save = time.time(), time.time()
    seen, shown, mean, mtp_mean = 0, time.time(), None, None
    model.index_losses = []
    threads = Threads(args.threads)
    store(model, masters, kinds)
    while elapsed < total:
        ids, learn = (torch.from_numpy(x) for x in next(stream))
        progress = elapsed / total
        model.numerics = "fakequant" if progress >= args.round_activations_from else "float"
        factor = min(1.0, (step + 1) / 150) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        weight = learn[:, 1:] * torch.where((ids == think_id).any(1, keepdim=True), 1.0, phase()[2])
        weight = weight * torch.where(torch.isin(ids[:, 1:], decisions), phase()[3], 1.0)
        with torch.autocast("cpu", torch.bfloat16):
            X = model.streams(ids).view(*ids.shape, cfg.hc_mult, -1)
            rows = learn[:, 1:]
            w = weight[rows]
            ce = F.cross_entropy(model.logits(model, X[:, :-1][rows]), ids[:, 1:][rows], reduction="none")
            loss = (ce * w).sum() / w.sum()
            objective = loss + 0.1 * sum(model.index_losses)
            if step % 3 == 0:  # the MTP block learns beside the model and does not pull on it
                XM = X[:, :-2].detach()
                m = model.mtp_streams(XM.reshape(-1, *XM.shape[2:]), ids[:, :-2], ids[:, 1:-1])
                rows = learn[:, 2:]
                guess = model.logits(model.mtp[0], m.view(*XM.shape)[rows])
                mtp_loss = F.cross_entropy(guess, ids[:, 2:][rows])
                objective = objective + 0.1 * mtp_loss
                mtp_mean = mtp_loss.item() if mtp_mean is None else 0.95 * mtp_mean + 0.05 * mtp_loss.item()
        objective.backward()
        model.index_losses.clear()
        grads = {n: p.grad for n, p in model.named_parameters()}
        flat = [g for g in grads.values() if g is not None]
        norm = torch.stack(torch._foreach_norm(flat)).norm().item()
        if math.isfinite(norm):
            torch._foreach_mul_(flat, min(1.0, 1.0 / (norm + 1e-9)))
            opt.step(grads, factor)
            with torch.no_grad():
                for block in [*model.layers, *model.mtp]:  # bias-only balancing of the experts
                    if block.ffn.load and not block.ffn.gate.hashed:
                        load = torch.tensor(block.ffn.load, dtype=torch.float32)
                        block.ffn.gate.bias += 2e-3 * factor * torch.sign(load.mean() - load)
        for p in model.parameters():
            p.grad = None
        store(model, masters, kinds)
        step += 1
        seen += ids.numel()
        now = time.time()
        elapsed += now - last
        last = now
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 10 == 0:
            threads.adjust()
        if step % 50 == 0:
            text = f"step {step} {elapsed / 60:.1f} min loss {mean:.4f} mtp {mtp_mean or 0:.3f} norm {norm:.2f} lr {factor:.3f} {seen / (now - shown):.0f} tok/s x{torch.get_num_threads()}"
            seen, shown = 0, now
            if step % 250 == 0:
                text += " | " + ", ".join(f"{k} {exact(model, *v):.2f}" for k, v in checks.items())
                text += " | load " + " ".join(f"{min(b.ffn.load)}-{max(b.ffn.load)}" for b in model.layers)
            print(text, flush=True)
        if now - last_save > args.save_every:
            last_save = now
            save()
    save()
    print("done", {k: exact(model, *v) for k, v in checks.items()}, flush=True)


if __name__ == "__main__":
    main()
