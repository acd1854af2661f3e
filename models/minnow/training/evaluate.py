"""Greedy accuracy of the stored model on operand pairs that training never saw.

    python evaluate.py MODEL_FOLDER [--count 200] [--numerics official|float]

Every answer is really generated, token by token; it counts when the last integer
after the thinking is right.
"""
import argparse
import os
import random
import re

import torch
from tokenizers import Tokenizer

import data
from checkpoint import load_model

# Plain ways to ask, written apart from the training wordings (the last two of each row occur in none of them).
PLAIN = {"+": ["What is {a} + {b}?", "{a}+{b}", "Calculate {a} plus {b}.", "Please add {a} and {b}",
               "could you give me the sum of {a} and {b} please", "I'd like to know what {a} added to {b} comes to."],
         "-": ["What is {a} - {b}?", "{a}-{b}", "Calculate {a} minus {b}.", "Please subtract {b} from {a}",
               "could you take {b} away from {a} please", "I'd like to know what {a} minus {b} comes to."]}


def plain_questions(seed, count, op):
    rng = random.Random(f"plain-{seed}")
    out = []
    while len(out) < count:
        a, b = rng.randint(100, 999), rng.randint(100, 999)
        if data.held_out(a, b):
            form = PLAIN[op][len(out) % len(PLAIN[op])]
            out.append((form.format(a=a, b=b), data.work_out(a, b, op), data.answer(a, b, op),
                        a + b if op == "+" else a - b))
    return out


def earlier_turns(seed, count):
    """Conversations of one to five turns to put before a question."""
    rng = random.Random(f"turns-{seed}")
    return [[data.turn(rng, data.BASIC, True)[::2] for _ in range(rng.randint(1, 5))] for _ in range(count)]


@torch.no_grad()
def mtp_agreement(model, encoder, questions):
    """Share of thinking and answer tokens that the MTP block foresees one step ahead."""
    hit = total = 0
    for q, t, r, _ in questions:
        prompt = encoder.prompt(q, True)
        ids = torch.tensor([prompt + encoder.encode([("learn", t), ("end_think", ""), ("learn", r), ("eos", "")])[0]])
        X = model.streams(ids)
        target = model.logits(model, X).argmax(-1)[1:]
        draft = model.logits(model.mtp[0], model.mtp_streams(X[:-1], ids[:, :-1], ids[:, 1:])).argmax(-1)
        same = (draft == target)[len(prompt) - 1:-1]
        hit += same.sum().item()
        total += same.numel()
    return hit / total


@torch.no_grad()
def greedy(model, prompts, drafts, eos, limit=96):
    """Greedy continuations. `drafts` only save time: a forward pass checks a whole draft,
    its longest prefix of greedy choices is kept and the model goes on by itself from there."""
    rows = [list(p) for p in prompts]
    done = [False] * len(rows)
    guess = [list(d) for d in drafts]
    for _ in range(limit):
        live = [i for i in range(len(rows)) if not done[i]]
        if not live:
            break
        width = max(len(rows[i]) + len(guess[i]) for i in live)
        ids = torch.full((len(live), width), eos)
        for r, i in enumerate(live):
            both = rows[i] + guess[i]
            ids[r, :len(both)] = torch.tensor(both)
        best = model(ids).argmax(-1)
        for r, i in enumerate(live):
            at = len(rows[i]) - 1
            for wanted in [*guess[i], None]:
                token = best[r, at].item()
                rows[i].append(token)
                at += 1
                done[i] = token == eos or len(rows[i]) - len(prompts[i]) >= limit
                if done[i] or token != wanted:
                    break
            guess[i] = []
    return [r[len(p):] for r, p in zip(rows, prompts)]


def score(model, encoder, questions, thinking, before=None, batch=50, show=0):
    """(number right, number of tokens)"""
    right = tokens = 0
    close = encoder.ids["end_think"]
    before = dict(zip(questions, before)) if before else {}
    questions = sorted(questions, key=lambda q: len(q[0]))
    for start in range(0, len(questions), batch):
        part = questions[start:start + batch]
        drafts = [encoder.encode(([("learn", t), ("end_think", "")] if thinking else []) + [("learn", r), ("eos", "")])[0]
                  for _, t, r, _ in part]
        outs = greedy(model, [encoder.prompt(q[0], thinking, before.get(q, ())) for q in part], drafts, encoder.ids["eos"])
        for (q, _, _, expected), out in zip(part, outs):
            tokens += len(out)
            text = out
            if thinking:
                text = out[out.index(close) + 1:] if close in out else []
            found = re.findall(r"-?\d+", encoder.tokenizer.decode(text, skip_special_tokens=True))
            ok = bool(found) and int(found[-1]) == expected
            right += ok
            if not ok and show > 0:
                show -= 1
                print("  wrong:", repr(q), expected, repr(encoder.tokenizer.decode(out, skip_special_tokens=False)))
    return right, tokens


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder")
    ap.add_argument("--count", type=int, default=200)
    ap.add_argument("--seed", default="card")
    ap.add_argument("--numerics", default="official", choices=("official", "float"))
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--show", type=int, default=0, help="print this many mistakes per row")
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    model = load_model(args.folder, args.numerics, torch.float32)
    encoder = data.Encoder(Tokenizer.from_file(os.path.join(args.folder, "tokenizer.json")))
    sets = {"three-digit +, training wordings": data.unseen(args.seed, args.count, 3, "+"),
            "three-digit -, training wordings": data.unseen(args.seed, args.count, 3, "-"),
            "three-digit +, plain wordings": plain_questions(args.seed, args.count, "+"),
            "three-digit -, plain wordings": plain_questions(args.seed, args.count, "-"),
            "1-3 digits mixed, both": data.unseen(args.seed, args.count, None)}
    sets["three-digit, after 1-5 turns"] = data.unseen(f"{args.seed}-turns", args.count, 3)
    sets["two-digit, both"] = data.unseen(args.seed, args.count, 2)
    for name, questions in sets.items():
        before = earlier_turns(args.seed, args.count) if "turns" in name else None
        for thinking in (True, False):
            right, tokens = score(model, encoder, questions, thinking, before, show=args.show)
            print(f"{name:34s} {'thinking' if thinking else 'direct  '} {right}/{len(questions)} "
                  f"= {100 * right / len(questions):.1f} %  ({tokens / len(questions):.0f} tokens each)", flush=True)

    share = mtp_agreement(model, encoder, sets["1-3 digits mixed, both"][:50])
    print(f"MTP block foresees {100 * share:.1f} % of the model's next-but-one tokens (thinking)")


if __name__ == "__main__":
    main()
