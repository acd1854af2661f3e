"""Loads an exported folder with Hugging Face transformers, which shares no code with us, and compares logits: `python independent.py ..`"""
import argparse
import os

import torch

from checkpoint import load_model

TOLERANCE = 1e-3


@torch.no_grad()
def largest_difference(folder, length=300):
    """Of the float32 logits of both for random tokens; transformers dequantises the weights and runs without the MTP block."""
    from transformers import AutoModelForCausalLM, FineGrainedFP8Config
    theirs = AutoModelForCausalLM.from_pretrained(folder, quantization_config=FineGrainedFP8Config(dequantize=True), dtype=torch.float32)
    ours = load_model(folder, "float", torch.float32)
    ids = torch.randint(3, ours.cfg.vocab_size, (1, length), generator=torch.Generator().manual_seed(0))
    return (theirs.float().eval()(ids).logits - ours(ids)).abs().max().item()


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("folder")
    difference = largest_difference(os.path.abspath(ap.parse_args().folder))
    print(f"transformers reads the same model: largest difference of a logit {difference:.1e}")
    assert difference < TOLERANCE


if __name__ == "__main__":
    main()
