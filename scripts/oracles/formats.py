"""Writes tests/fixtures/formats/{formats,blocks}.json: what public implementations say about our number formats.

    python3 -m pip install numpy==2.4.6 ml_dtypes==0.6.0 en_dtypes==0.0.4
    python3 scripts/oracles/formats.py

Elements come from ml_dtypes and en_dtypes. Block formats are written out here a second time, in numpy float32, straight from their
definitions; only the rounding of elements that no package offers (half away from zero) is a search through the decoded values.
"""

import base64
import json
import pathlib
from importlib.metadata import version

import en_dtypes
import ml_dtypes
import numpy as np

np.seterr(all="ignore")
OUT = pathlib.Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "formats"
F32 = np.float32

FLOATS = {
    "F16": np.dtype(np.float16),
    "BF16": np.dtype(ml_dtypes.bfloat16),
    "E4M3": np.dtype(ml_dtypes.float8_e4m3fn),
    "E5M2": np.dtype(ml_dtypes.float8_e5m2),
    "E8M0": np.dtype(ml_dtypes.float8_e8m0fnu),
    "E2M3": np.dtype(ml_dtypes.float6_e2m3fn),
    "E3M2": np.dtype(ml_dtypes.float6_e3m2fn),
    "E2M1": np.dtype(ml_dtypes.float4_e2m1fn),
    "HIF8": np.dtype(en_dtypes.hifloat8),
}
BITS = {"F16": 16, "BF16": 16, "E4M3": 8, "E5M2": 8, "E8M0": 8, "E2M3": 6, "E3M2": 6, "E2M1": 4, "HIF8": 8, "INT8": 8, "INT4": 4}
MAX = {"E4M3": 448, "E5M2": 57344, "E2M3": 7.5, "E3M2": 28, "E2M1": 6, "INT8": 127, "INT4": 7}
EMAX = {"E4M3": 8, "E5M2": 15, "E2M3": 2, "E3M2": 4, "E2M1": 2}


def code_type(name):
    return np.uint16 if BITS[name] == 16 else np.uint8


def decode(name, codes):
    if name.startswith("INT"):
        half = 1 << (BITS[name] - 1)
        return ((codes.astype(np.int64) ^ half) - half).astype(F32)
    return codes.astype(code_type(name)).view(FLOATS[name]).astype(F32)


def encode(name, values):
    if name.startswith("INT"):
        # Neither package rounds to integers; quantisers do rint and clip, NaN to 0.
        half = 1 << (BITS[name] - 1)
        whole = np.clip(np.rint(np.nan_to_num(values.astype(np.float64), posinf=1e300, neginf=-1e300)), -half, half - 1)
        return (whole.astype(np.int64) & (2 * half - 1)).astype(np.uint8)
    return values.astype(FLOATS[name]).view(code_type(name))


def fnv(data):
    """FNV-1a over 32-bit words."""
    h = 0x811C9DC5
    for word in data.tolist():
        h = ((h ^ word) * 0x01000193) & 0xFFFFFFFF
    return h


def b64(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def neighbours(values):
    """Each float32 with the float32 just below and above."""
    return np.concatenate([values, np.nextafter(values, F32(-np.inf)), np.nextafter(values, F32(np.inf))])


def words(values):
    """float32 bits, every NaN the same."""
    bits = values.astype(F32).view(np.uint32).copy()
    bits[np.isnan(values)] = 0x7FC00000
    return bits


def small_format(name, random):
    table = decode(name, np.arange(1 << BITS[name]))
    finite = np.unique(table[np.isfinite(table)])
    ties = ((finite[1:].astype(np.float64) + finite[:-1]) / 2).astype(F32)
    top = finite[-1].astype(np.float64)
    edges = np.array([top * f for f in (17 / 16, 33 / 32, 15 / 14, 1.25, 1.5, 2, 4)]).astype(F32)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 2.0**-149, -(2.0**-149), 3.4e38, -3.4e38, 1, -1], F32)
    anywhere = random.integers(0, 2**32, 150, dtype=np.uint32).view(F32)
    low, high = np.log2(float(np.min(np.abs(finite[finite != 0])))) - 2, np.log2(top) + 1
    within = (2.0 ** random.uniform(low, high, 250) * random.choice([-1, 1], 250)).astype(F32)
    inputs = np.concatenate([finite, neighbours(ties), neighbours(edges), -neighbours(edges), special, anywhere, within]).astype(F32)
    return {"decode": b64(words(table)), "inputs": b64(words(inputs)), "codes": b64(encode(name, inputs))}


def wide_format(name):
    """65,536 codes are too many to store: hashes of all values, and of the codes of every tie and its neighbours."""
    codes = np.arange(65536)
    table = decode(name, codes)
    low = table[:-1]
    high = table[1:]
    fits = np.isfinite(low) & np.isfinite(high) & (low * high >= 0)
    ties = ((low[fits].astype(np.float64) + high[fits]) / 2).astype(F32)
    bits = ties.view(np.uint32)
    around = np.stack([bits - 1, bits, bits + 1], axis=1).reshape(-1).view(F32)
    return {"decodeHash": fnv(words(table)), "ties": len(ties), "tieHash": fnv(encode(name, around))}


# ---- block formats -------------------------------------------------------------------------------------------------------------


def pow2(n):
    return F32(2.0 ** float(np.clip(n, -127, 127)))


def floor_log2(x):
    return int(np.frexp(np.float64(x))[1]) - 1 if x > 0 else -10000


def ceil_scale(s):
    mantissa, exponent = np.frexp(np.float64(s))
    return pow2(-10000 if s == 0 else exponent - 1 if mantissa == 0.5 else exponent)


def ocp(amax, element, threshold=2.0):
    if amax == 0:
        return pow2(-10000)
    e = floor_log2(amax)
    return pow2(e - EMAX[element] + (1 if np.float64(amax) / 2.0**e > threshold else 0))


RULES = {
    "ocp-floor": lambda amax, element: ocp(amax, element),
    "ceil": lambda amax, element: ceil_scale(amax * (F32(1) / F32(MAX[element]))),
    "ceil-quotient": lambda amax, element: ceil_scale(amax / F32(MAX[element])),
    "ceil-above-1.5": lambda amax, element: ocp(amax, element, 1.5),
    "ceil-above-1.75": lambda amax, element: ocp(amax, element, 1.75),
    "max": lambda amax, element: amax / F32(MAX[element]),
}

FP8 = dict(element="E4M3", scale="E8M0", rule="ceil", floor=F32(1e-4))
V3 = dict(FP8, scale="F32", rule="max")
MX = dict(scale="E8M0", rule="ocp-floor", columns=32)
ROW = dict(scale="F32", rule="max", columns=0)
BLOCKS = {
    "deepseek-fp8-weight": dict(FP8, rows=128, columns=128),
    "deepseek-fp8-activation": dict(FP8, columns=128),
    "deepseek-fp8-kv": dict(FP8, columns=64),
    "deepseek-fp4": dict(element="E2M1", scale="E8M0", rule="ceil", floor=F32(6 * 2.0**-126), columns=32),
    "deepseek-v3-fp8-weight": dict(V3, rows=128, columns=128),
    "deepseek-v3-fp8-activation": dict(V3, columns=128),
    "mxfp8-e4m3": dict(MX, element="E4M3"),
    "mxfp8-e5m2": dict(MX, element="E5M2"),
    "mxfp6-e2m3": dict(MX, element="E2M3"),
    "mxfp6-e3m2": dict(MX, element="E3M2"),
    "mxfp4": dict(MX, element="E2M1"),
    "cann-mxfp8": dict(MX, element="E4M3", rule="ceil-quotient"),
    "cann-mxfp4": dict(MX, element="E2M1", away=True),
    "cann-mxfp4-6": dict(MX, element="E2M1", rule="ceil-above-1.5"),
    "cann-mxfp4-7": dict(MX, element="E2M1", rule="ceil-above-1.75"),
    "cann-recipes-mxfp8": dict(MX, element="E4M3", rule="ceil-above-1.75", away=True),
    "cann-recipes-mxfp4": dict(MX, element="E2M1", rule="ceil-above-1.75", away=True),
    "nvfp4": dict(element="E2M1", scale="E4M3", rule="nvfp4", columns=16),
    "int8-channel": dict(ROW, element="INT8"),
    "int8-token": dict(ROW, element="INT8"),
    "int4-channel": dict(ROW, element="INT4"),
    "fp8-channel": dict(ROW, element="E4M3"),
    "int8-block64": dict(ROW, element="INT8", columns=64),
}


def away(name, values):
    """Half away from zero: nearest decoded value, ties to the larger magnitude, clamped. Keeps the sign of zero."""
    half = 1 << (BITS[name] - 1)
    table = decode(name, np.arange(half)).astype(np.float64)
    table = table[np.isfinite(table)]
    magnitude = np.minimum(np.abs(values.astype(np.float64)), table[-1])
    codes = np.searchsorted((table[1:] + table[:-1]) / 2, magnitude, side="right")
    return (codes + np.where(np.signbit(values), half, 0)).astype(np.uint8)


def quantise(spec, x):
    rows, columns = x.shape
    height, width = spec.get("rows", 1), spec["columns"] or columns
    element, limit = spec["element"], F32(MAX[spec["element"]])
    tensor = F32(1)
    if spec["rule"] == "nvfp4":
        finite = np.abs(x[np.isfinite(x)])
        tensor = F32(finite.max()) / F32(6 * 448)
        tensor = tensor if tensor > 0 else F32(1)
    codes = np.zeros(x.shape, np.uint8)
    back = np.zeros(x.shape, F32)
    scales = []
    for r in range(0, rows, height):
        for c in range(0, columns, width):
            part = x[r : r + height, c : c + width]
            if not np.isfinite(part).all():
                scales.append({"E8M0": np.uint8(255), "E4M3": np.uint8(127), "F32": F32(np.nan)}[spec["scale"]])
                back[r : r + height, c : c + width] = np.nan
                continue
            amax = np.maximum(np.abs(part).max(), spec.get("floor", F32(0)))
            if spec["rule"] == "nvfp4":
                wanted = np.minimum(amax / F32(6) / tensor, F32(448))
                stored = encode("E4M3", np.array([wanted]))[0]
                scale = decode("E4M3", np.array([stored]))[0] * tensor
            else:
                scale = RULES[spec["rule"]](amax, element)
                stored = scale if spec["scale"] == "F32" else encode("E8M0", np.array([scale]))[0]
            scales.append(stored)
            if scale == 0:
                continue
            quotient = np.clip(part / scale, -limit, limit)
            q = away(element, quotient) if spec.get("away") else encode(element, quotient)
            codes[r : r + height, c : c + width] = q
            back[r : r + height, c : c + width] = decode(element, q) * scale
    kind = np.float32 if spec["scale"] == "F32" else np.uint8
    return codes, np.array(scales, kind), tensor, back


def generated(rows, columns):
    """Exact in float32 and the same in the test: 24 hashed bits as a signed fraction, times powers of two that vary by element and row."""
    i = np.arange(rows * columns, dtype=np.uint64)
    h = (i * np.uint64(2654435761) + np.uint64(12345)) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = ((h ^ (h >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(16)
    fraction = ((h >> np.uint64(8)).astype(np.float64) - 2.0**23) / 2.0**23
    exponent = (h & np.uint64(255)).astype(np.int64) % 12 - 6 + (i.astype(np.int64) // columns) % 9 * 5 - 20
    return (fraction * 2.0**exponent).astype(F32).reshape(rows, columns)


def edge_rows(random):
    """Rows of 32 (a block in most formats): zeros, tiny, huge, not finite, and maxima at and around every rule's threshold."""
    rows = [np.zeros(32), -np.zeros(32)]
    for first in (1e-45, 1e-40, 1.2e-38, 1e-30, 1e-7, 1e-4, 3e38, 3.4028235e38, np.nan, np.inf, -np.inf):
        rows.append(np.concatenate([[first], first * random.uniform(-1, 1, 31)]) if np.isfinite(first) else np.concatenate([[first], np.arange(31)]))
    for significand in (1.0, 1.5, 1.75, 1.875, 127 / 64):
        for step in (-1, 0, 1):
            top = F32(significand * 2.0 ** int(random.integers(-20, 20)))
            top = np.nextafter(top, F32(step * np.inf)) if step else top
            # Ties: odd multiples of half a step of E2M1 and E4M3, relative to the maximum.
            rows.append(np.concatenate([[top], top * np.linspace(-1, 1, 17), top * random.uniform(-1, 1, 14)]))
    with np.errstate(all="ignore"):
        return np.array(rows).astype(F32)


def main():
    random = np.random.default_rng(20260101)
    OUT.mkdir(parents=True, exist_ok=True)
    oracle = {p: version(p) for p in ("numpy", "ml_dtypes", "en_dtypes")}
    formats = {name: wide_format(name) if BITS[name] == 16 else small_format(name, random) for name in BITS}
    (OUT / "formats.json").write_text(json.dumps({"oracle": oracle, "formats": formats}, indent=1) + "\n")

    edges = edge_rows(random)
    shape = (130, 260)
    big = generated(*shape)
    blocks = {}
    for name, spec in BLOCKS.items():
        codes, scales, tensor, back = quantise(spec, edges)
        big_codes, big_scales, big_tensor, big_back = quantise(spec, big)
        blocks[name] = {
            "edges": {"elements": b64(codes), "scales": b64(scales), "tensorScale": float(tensor), "backHash": fnv(words(back.reshape(-1)))},
            "big": {
                "elementsHash": fnv(big_codes.reshape(-1)),
                "scalesHash": fnv(words(big_scales) if big_scales.dtype == np.float32 else big_scales),
                "tensorScale": float(big_tensor),
                "backHash": fnv(words(big_back.reshape(-1))),
            },
        }
    fixture = {"oracle": oracle, "edges": {"shape": edges.shape, "values": b64(words(edges.reshape(-1)))}, "big": {"shape": shape, "first": b64(words(big[0, :8]))}, "blocks": blocks}
    (OUT / "blocks.json").write_text(json.dumps(fixture, indent=1) + "\n")
    for file in sorted(OUT.iterdir()):
        print(file.name, file.stat().st_size)


main()
