"""Masters into live weights in one pass each; the same values as ../stored.py."""
import torch

from fast.build import library, long, pointer


def write_live(kind, master, live):
    """`master` float32 -> `live`: BF16 for matrices of any format, float32 (holding BF16 values where `kind` is bf16) for the rest."""
    if kind == "fp4":
        library("stored").stored_fp4(pointer(master), pointer(live), long(master.numel()))
    elif kind == "fp8":
        rows, cols = master.shape
        library("stored").stored_fp8(pointer(master), pointer(live), long(rows), long(cols))
    elif kind == "bf16" and live.dtype == torch.float32:
        live.copy_(master.to(torch.bfloat16))
    else:
        live.copy_(master)
