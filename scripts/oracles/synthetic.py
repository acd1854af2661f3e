"""Logits of a synthetic checkpoint, in float64 and (tiny-q) with the official numerics, as a fixture for tests/models/quantised-golden.test.ts.

    node scripts/oracles/synthetic.ts odd DIR
    python scripts/oracles/synthetic.py DIR tests/fixtures/models/synthetic/odd.json

The forward pass is the PyTorch one that Minnow is trained with: written from the same specification, sharing no code
with Tandem. Tokens are those of `syntheticTokens`.
"""

import json
import sys
from pathlib import Path

import torch  # noqa: I001

sys.path.insert(0, str(Path(__file__).parents[2] / "models/minnow/training"))
from checkpoint import load_model  # noqa: E402
from oracle_logits import oracle  # noqa: E402

TOKENS = 300
# Official numerics: the rounding makes a last-bit difference of a sum grow sooner or later, so only the beginning is compared.
OFFICIAL_TOKENS = 20
POSITIONS = [0, 1, 15, 16, 21, 40, 43, 127, 128, 160, 255, 256, 298, 299]


def main(folder: Path, out: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    tokens = [(7 * i * i + 3 * i + 1) % config["vocab_size"] for i in range(TOKENS)]
    full = oracle(load_model(str(folder)), tokens, mtp=True)
    row = lambda r: {"position": r["position"], "logits": [float(f"{v:.7g}") for v in r["logits"]]}
    official = None
    if config["hidden_size"] % 128 == 0:  # the training code quantises whole groups of 128 only
        model = load_model(str(folder), "official", torch.float32)
        official = [row(r) for r in oracle(model, tokens[:OFFICIAL_TOKENS])["positions"][::3]]
    pick = lambda rows: [row(r) for r in rows if r["position"] in POSITIONS]
    result = {"tokens": TOKENS, "positions": pick(full["positions"]), "mtp": pick(full["mtp"])}
    out.write_text(json.dumps(result | ({"official": official} if official else {})))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
