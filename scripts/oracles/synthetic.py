"""Logits of a synthetic checkpoint in float64, as a fixture for tests/models/quantised-golden.test.ts.

    node scripts/oracles/synthetic.ts odd DIR
    python scripts/oracles/synthetic.py DIR tests/fixtures/models/synthetic/odd.json

The forward pass is the PyTorch one that Minnow is trained with: written from the same specification, sharing no code
with Tandem. Tokens are those of `syntheticTokens`.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "models/minnow/training"))
from checkpoint import load_model  # noqa: E402
from oracle_logits import oracle  # noqa: E402

TOKENS = 300
POSITIONS = [0, 1, 15, 16, 21, 40, 43, 127, 128, 160, 255, 256, 298, 299]


def main(folder: Path, out: Path) -> None:
    vocabulary = json.loads((folder / "config.json").read_text())["vocab_size"]
    tokens = [(7 * i * i + 3 * i + 1) % vocabulary for i in range(TOKENS)]
    full = oracle(load_model(str(folder)), tokens, mtp=True)
    pick = lambda rows: [{"position": r["position"], "logits": [float(f"{v:.7g}") for v in r["logits"]]} for r in rows if r["position"] in POSITIONS]
    out.write_text(json.dumps({"tokens": TOKENS, "positions": pick(full["positions"]), "mtp": pick(full["mtp"])}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
