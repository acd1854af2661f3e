"""Which stored format each parameter has, and its value after storing."""
import torch

from model import Weight
from quant import bf16, weight_fp4, weight_fp8


def formats(model):
    """state-dict name -> "fp4" | "fp8" | "bf16" | "f32" | "i64"."""
    kinds = {}
    modules = dict(model.named_modules())
    for name, t in model.state_dict().items():
        owner, _, leaf = name.rpartition(".")
        if ".experts.w" in name:
            kinds[name] = "fp4"
        elif isinstance(modules[owner], Weight):
            kinds[name] = modules[owner].kind
        elif leaf == "weight":
            kinds[name] = "bf16"  # norms and gate
        else:
            kinds[name] = "i64" if leaf == "tid2eid" else "f32"
    return kinds


ROUND = {"fp4": weight_fp4, "fp8": weight_fp8, "bf16": bf16, "f32": lambda x: x}


@torch.no_grad()
def store(model, masters, kinds):
    """Put the values that would be read back from disk into the live model."""
    for name, p in model.named_parameters():
        p.copy_(ROUND[kinds[name]](masters[name]))
