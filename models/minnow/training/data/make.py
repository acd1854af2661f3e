"""Asks make-data.ts for examples, from Python."""
import json
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", "..", ".."))


def node():
    """The repository's own Node if it is installed, which runs TypeScript as it is."""
    own = os.path.join(ROOT, "node_modules", ".bin", "node")
    found = own if os.path.exists(own) else shutil.which("node")
    if not found:
        raise SystemExit("Examples are made by Node.js: run `npm ci` in the repository's root first")
    return found


def examples(folder):
    """How many there are."""
    path = os.path.join(folder, "data.json")
    if not os.path.exists(path):
        return 0
    with open(path, encoding="utf-8") as f:
        return sum(shard["examples"] for shard in json.load(f)["shards"])


def make(folder, tokenizer, count, split="train"):
    """Sees to it that there are `count` examples."""
    if examples(folder) < count:
        print(f"making examples up to {count} in {folder}", flush=True)
        subprocess.run([node(), os.path.join(HERE, "make-data.ts"), folder, "--tokenizer", tokenizer, "--count", str(count), "--split", split],
                       check=True, stdout=subprocess.DEVNULL)
