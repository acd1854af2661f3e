"""Independent float64 logits of any V4-shaped checkpoint, for checking other runtimes.

    python oracle_logits.py FOLDER --tokens 1,2,3 [--mtp]

Weights are dequantised exactly, nothing is rounded afterwards. Prints JSON:
`positions[i].logits` predict token i+1; `mtp[i].logits` predict token i+2 (from the
residual streams at i and token i+1).
"""
import argparse
import json

import torch

from checkpoint import load_model


@torch.no_grad()
def oracle(model, tokens, mtp=False):
    ids = torch.tensor([tokens])
    X = model.streams(ids)
    table = lambda rows: [{"position": i, "logits": r.tolist()} for i, r in enumerate(rows)]
    out = {"positions": table(model.logits(model, X))}
    if mtp:
        if not len(model.mtp):
            raise SystemExit("this checkpoint has no MTP block")
        if len(tokens) > 1:
            Y = model.mtp_streams(X[:-1], ids[:, :-1], ids[:, 1:])
            out["mtp"] = table(model.logits(model.mtp[0], Y))
        else:
            out["mtp"] = []
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder")
    ap.add_argument("--tokens", required=True, help="comma-separated token ids")
    ap.add_argument("--mtp", action="store_true", help="also print the MTP block's logits")
    ap.add_argument("--numerics", default="float", choices=("float", "official"),
                    help="official: FP8/FP4 activation round trips and BF16 rounding points, on float32 sums")
    args = ap.parse_args()
    dtype = torch.float64 if args.numerics == "float" else torch.float32
    model = load_model(args.folder, args.numerics, dtype)
    print(json.dumps(oracle(model, [int(t) for t in args.tokens.split(",")], args.mtp)))


if __name__ == "__main__":
    main()
