"""The matrix products of one V4 token as an ONNX graph with random weights, for ONNX Runtime.

    python onnx-stack.py CHECKPOINT OUT.onnx [--kind q8|q4]      (needs: pip install onnx numpy)

Reads config.json only. Every matrix a decoded token meets is there once, with its shape: projections, compressors, the chosen
experts and the shared one, hyper-connection coefficients, router, head. Attention, rotation, routing and norms are not (one
layer norm a layer keeps the numbers finite), so the time is a lower bound of what the whole model would take.

q8: all matrices INT8 with one scale a column and inputs quantised at run time (DynamicQuantizeMatMul).
q4: experts 4-bit, the rest 8-bit, in blocks of 32 (MatMulNBits, INT8 accumulation allowed).
"""
import argparse
import json
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

arguments = argparse.ArgumentParser()
arguments.add_argument("checkpoint")
arguments.add_argument("out")
arguments.add_argument("--kind", choices=["q8", "q4"], default="q8")
options = arguments.parse_args()
config = json.load(open(os.path.join(options.checkpoint, "config.json")))
random = np.random.default_rng(1)
nodes, weights, names = [], [], iter(range(1 << 30))


def constant(array):
    name = f"c{next(names)}"
    weights.append(numpy_helper.from_array(array, name))
    return name


def node(kind, *inputs, domain="", **attributes):
    name = f"v{next(names)}"
    nodes.append(helper.make_node(kind, list(inputs), [name], domain=domain, **attributes))
    return name


def matrix(x, outputs, inputs, bits=8):
    """y = W x, about as large as x."""
    scale = np.float32(1 / (70 * inputs**0.5))
    if options.kind == "q8":
        w = constant(random.integers(-127, 128, (inputs, outputs), dtype=np.int8))
        scales, zeros = constant(np.full(outputs, scale)), constant(np.zeros(outputs, np.int8))
        return node("DynamicQuantizeMatMul", x, w, scales, zeros, domain="com.microsoft")
    w = constant(random.integers(0, 256, (outputs, inputs // 32, 4 * bits), dtype=np.uint8))
    scales = constant(np.full((outputs, inputs // 32), scale * (16 if bits == 4 else 1), np.float32))
    block = dict(K=inputs, N=outputs, bits=bits, block_size=32, accuracy_level=4)
    return node("MatMulNBits", x, w, scales, domain="com.microsoft", **block)


def exact(x, outputs, inputs):
    return node("MatMul", x, constant(random.standard_normal((inputs, outputs), np.float32) / np.float32(inputs**0.5)))


def total(parts):
    return parts[0] if len(parts) == 1 else node("Sum", *parts)


def used(x):
    """One number a token, so that a result nothing reads is computed all the same."""
    return node("ReduceMean", x, axes, keepdims=1)


c = {k: v for k, v in config.items() if isinstance(v, int)}
hidden, heads, dim, groups = c["hidden_size"], c["num_attention_heads"], c["head_dim"], c["o_groups"]
rank, inner, streams = c["q_lora_rank"], c["moe_intermediate_size"], c["hc_mult"]
axes, unit = constant(np.array([-1])), constant(np.ones(hidden, np.float32))


def expert(x, width, bits):
    gate, up = matrix(x, width, hidden, bits), matrix(x, width, hidden, bits)
    return matrix(node("Mul", node("Mul", gate, node("Sigmoid", gate)), up), hidden, width, bits)


def layer(x, ratio):
    side = []
    for _ in range(2):
        side.append(exact(node("Concat", *[x] * streams, axis=-1), 2 * streams + streams**2, streams * hidden))
    latent = matrix(x, rank, hidden)
    q = matrix(latent, heads * dim, rank)
    side.append(matrix(x, dim, hidden))
    if ratio:
        side += [matrix(x, dim * (2 if ratio == 4 else 1), hidden) for _ in range(2)]
    if ratio == 4:
        side.append(matrix(latent, c["index_n_heads"] * c["index_head_dim"], rank))
        side.append(matrix(x, c["index_n_heads"], hidden))
        side += [matrix(x, 2 * c["index_head_dim"], hidden) for _ in range(2)]
    each = heads * dim // groups
    sizes = constant(np.full(groups, each, np.int64))
    parts = [f"v{next(names)}" for _ in range(groups)]
    nodes.append(helper.make_node("Split", [q, sizes], parts, axis=-1))
    outputs = [matrix(p, c["o_lora_rank"], each) for p in parts]
    attended = matrix(node("Concat", *outputs, axis=-1), hidden, groups * c["o_lora_rank"])
    side.append(exact(x, c["n_routed_experts"], hidden))
    experts = [expert(x, inner, 4) for _ in range(c["num_experts_per_tok"])]
    shared = expert(x, inner * c["n_shared_experts"], 8)
    return node("LayerNormalization", total([x, attended, shared, *experts, *map(used, side)]), unit, axis=-1)


x = "x"
for ratio in config["compress_ratios"][: c["num_hidden_layers"]]:
    x = layer(x, ratio)
last = node("Slice", x, constant(np.array([-1])), constant(np.array([1 << 30])), constant(np.array([0])))
logits = matrix(last, c["vocab_size"], hidden)

value = helper.make_tensor_value_info
graph = helper.make_graph(
    nodes,
    "stack",
    [value("x", TensorProto.FLOAT, ["tokens", hidden])],
    [value(logits, TensorProto.FLOAT, [1, c["vocab_size"]])],
    weights,
)
opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
print(f"{options.out}: {sum(len(w.raw_data) for w in weights) / 1e6:.1f} MB")
data = options.out + ".data"
if os.path.exists(data):
    os.remove(data)  # or it would be appended to
onnx.save(model, options.out, save_as_external_data=True, location=os.path.basename(data))
