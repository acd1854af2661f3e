"""Official on-disk layout: reading any V4-shaped folder, writing Minnow's.

The safetensors container is read and written by hand (an 8-byte length, a JSON
header, raw bytes) because not every version of the library knows F8_E8M0.
"""
import json
import os
import re
import struct

import numpy as np
import torch

E2M1 = torch.tensor([0, .5, 1, 1.5, 2, 3, 4, 6, -0., -.5, -1, -1.5, -2, -3, -4, -6], dtype=torch.float64)
PLAIN = {"BF16": torch.bfloat16, "F32": torch.float32, "F16": torch.float16, "I64": torch.int64,
         "I32": torch.int32, "F8_E4M3": torch.float8_e4m3fn, "F64": torch.float64}


def read_header(path):
    with open(path, "rb") as f:
        size, = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(size))
    header.pop("__metadata__", None)
    return header, 8 + size


def read_folder(folder):
    """name -> (dtype name, shape, bytes) for every tensor of the folder."""
    index = os.path.join(folder, "model.safetensors.index.json")
    if os.path.exists(index):
        with open(index, encoding="utf-8") as f:
            files = sorted(set(json.load(f)["weight_map"].values()))
    else:
        files = sorted(n for n in os.listdir(folder) if n.endswith(".safetensors"))
    raw = {}
    for name in files:
        path = os.path.join(folder, name)
        header, base = read_header(path)
        data = np.memmap(path, dtype=np.uint8, mode="r")
        for key, info in header.items():
            a, b = info["data_offsets"]
            raw[key] = (info["dtype"], info["shape"], data[base + a:base + b])
    return raw


def as_bytes(data):
    return torch.from_numpy(np.array(data, dtype=np.uint8))


def dequantise(name, raw):
    """One stored tensor as float64 (or int64), scales applied."""
    dtype, shape, data = raw[name]
    scale_name = name[:-len("weight")] + "scale" if name.endswith(".weight") else None
    scale = raw.get(scale_name) if scale_name else None
    if scale is None:
        t = as_bytes(data).view(PLAIN[dtype]).view(shape) if dtype in PLAIN else None
        if t is None:
            raise ValueError(f"{name}: dtype {dtype} needs a scale")
        return t if dtype in ("I64", "I32") else t.to(torch.float64)
    sdtype, sshape, sdata = scale
    if sdtype == "F32":
        s = as_bytes(sdata).view(torch.float32).view(sshape).to(torch.float64)
    else:
        s = torch.pow(2.0, as_bytes(sdata).view(sshape).to(torch.float64) - 127)
    if dtype in ("I8", "U8"):
        packed = as_bytes(data).view(shape).to(torch.int64)
        w = E2M1[torch.stack((packed & 15, packed >> 4), -1).flatten(-2)]
        return w * s.repeat_interleave(32, 1)[:, :w.shape[1]]
    w = as_bytes(data).view(torch.float8_e4m3fn).view(shape).to(torch.float64)
    return w * s.repeat_interleave(128, 0)[:w.shape[0]].repeat_interleave(128, 1)[:, :w.shape[1]]


EXPERT = re.compile(r"(.*\.ffn\.experts)\.(\d+)\.(w[123])\.weight$")


def state_from_raw(raw):
    """Official names -> this package's state dict (experts stacked), in float64."""
    state, experts = {}, {}
    for name in raw:
        if name.endswith(".scale") and name[:-len("scale")] + "weight" in raw:
            continue
        m = EXPERT.match(name)
        if m:
            experts.setdefault(f"{m[1]}.{m[3]}", {})[int(m[2])] = dequantise(name, raw)
        else:
            state[name] = dequantise(name, raw)
    for name, parts in experts.items():
        state[name] = torch.stack([parts[e] for e in range(len(parts))])
    return state


def load_model(folder, numerics="float", dtype=torch.float64):
    """A ready Model from an official-layout folder."""
    from config import Config
    from model import Model
    cfg = Config.load(os.path.join(folder, "config.json"))
    raw = read_folder(folder)
    if not any(n.startswith("mtp.") for n in raw) or "dspark_block_size" in json.load(
            open(os.path.join(folder, "config.json"), encoding="utf-8")):
        cfg.num_nextn_predict_layers = 0
        raw = {n: v for n, v in raw.items() if not n.startswith("mtp.")}
    model = Model(cfg, numerics).to(dtype)
    model.load_state_dict(state_from_raw(raw))
    return model.eval()


# -- writing ------------------------------------------------------------------------
def tensor_bytes(t):
    return t.contiguous().view(torch.uint8).numpy().tobytes() if t.dim() else t.reshape(1).view(torch.uint8).numpy().tobytes()


def scale_bytes(scale):
    """Powers of two -> biased exponent bytes."""
    return (scale.to(torch.float32).contiguous().view(torch.int32) >> 23).to(torch.uint8)


def pack_fp4(q):
    """E2M1 values [o, i] -> packed bytes [o, i/2], element 2j in the low nibble."""
    code = torch.zeros_like(q, dtype=torch.uint8)
    for c, v in enumerate((0, .5, 1, 1.5, 2, 3, 4, 6)):
        code[q.abs() == v] = c
    code |= (torch.signbit(q)).to(torch.uint8) << 3
    return code[:, 0::2] | (code[:, 1::2] << 4)


def write_safetensors(path, tensors):
    """tensors: list of (name, dtype name, shape, bytes)."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)))
        f.write(text)
        for *_, data in tensors:
            f.write(data)
