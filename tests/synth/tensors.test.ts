import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { encodeHeader } from "../../src/checkpoint/index.ts";
import { decodeArray } from "../../src/formats/index.ts";
import { auditTensors, supportedConfig } from "../../src/models/index.ts";
import { configOf, syntheticCheckpoint, syntheticTensors } from "../../src/synth/index.ts";
import { readWeight } from "../../src/tensor/index.ts";
import { PRO_0813 } from "../support/published.ts";

const small = configOf("flash", 8e6);
const tensors = new Map(syntheticTensors(small, 0).map((tensor) => [tensor.name, tensor]));
const bytes = (name: string) => tensors.get(name)!.read();

for (const [name, config] of Object.entries({
  small,
  "Pro, 30 M": configOf("pro", 3e7),
  "Pro with DSpark, whole": PRO_0813,
}))
  test(`${name}: exactly the tensors the architecture expects, in types, shapes and bytes`, () => {
    const made = syntheticTensors(config, 0);
    const { problems, unexpected } = auditTensors(supportedConfig(config), new Map(made.map((tensor) => [tensor.name, tensor])));
    assert.deepEqual([problems, unexpected], [[], []]);
    for (const { tensor, byteLength } of encodeHeader(made, "test").order) assert.equal(tensor.byteLength, byteLength, tensor.name);
  });

test("the same seed gives the same bytes on every machine", async () => {
  const hash = createHash("sha256");
  for (const tensor of tensors.values()) hash.update(await tensor.read());
  assert.equal(hash.digest("hex"), "84bd3f655544027bf31b384a4f7be91ee3bd043afc31f38f1c78e558dc094e56");
});

test("another seed gives other bytes in every tensor", async () => {
  // Two scales or three numbers may agree by chance.
  for (const other of syntheticTensors(small, 1))
    if (other.byteLength >= 64) assert.notDeepEqual(await other.read(), await bytes(other.name), other.name);
});

test("any part of a tensor is the same whenever and into whatever it is read", async () => {
  for (const name of [
    "embed.weight",
    "layers.0.ffn.gate.tid2eid",
    "layers.2.attn.wq_b.weight",
    "layers.4.hc_attn_fn",
    "layers.1.ffn.experts.3.w2.scale",
  ]) {
    const tensor = tensors.get(name)!;
    const whole = await tensor.read();
    for (const [from, length] of [
      [0, 1],
      [1, 50],
      [47, 3],
      [whole.length - 5, 5],
      [Math.min(whole.length - 100, 262_143), 100],
    ] as const) {
      assert.deepEqual(await tensor.read(from, length), whole.slice(from, from + length), `${name} from ${from}`);
      // Whatever was made in between leaves no trace.
      await tensors.get("head.weight")!.read(0, 4096);
      const target = new Uint8Array(new SharedArrayBuffer(length + 3), 3);
      await tensor.readInto!(target, from);
      assert.deepEqual([...target], [...whole.subarray(from, from + length)], `${name} from ${from}, in place`);
    }
  }
});

test("quantised codes are all in use and never NaN", async () => {
  const count = (codes: Uint8Array) => {
    const counts = new Uint32Array(256);
    for (const code of codes) counts[code]++;
    return counts;
  };
  const fp8 = count(await bytes("layers.0.attn.wq_b.weight"));
  assert.equal(fp8[0x7f] + fp8[0xff], 0);
  for (const sign of [0, 0x80]) {
    // From 2^-1 to 448 every code; below, where a bell has little, some, subnormals among them.
    for (let code = 0x30; code < 0x7f; code++) assert.ok(fp8[sign + code] > 0, `E4M3 code ${sign + code}`);
    assert.ok(fp8.subarray(sign + 1, sign + 8).some((n) => n > 0));
  }
  const packed = count(await bytes("layers.0.ffn.experts.0.w1.weight"));
  const nibbles = Array.from({ length: 16 }, (_, code) =>
    packed.reduce((sum, n, byte) => sum + n * (Number((byte & 15) === code) + Number(byte >> 4 === code)), 0),
  );
  const mean = nibbles.reduce((a, b) => a + b) / 16;
  for (const n of nibbles) assert.ok(Math.abs(n - mean) < 5 * Math.sqrt(mean), `${nibbles}`);
  for (const [name, { type }] of tensors)
    if (type === "E8M0") for (const scale of await bytes(name)) assert.ok(scale > 90 && scale < 127, `${name}: ${scale}`);
});

const deviation = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

test("linear weights are of the size of 1 / √inputs around zero, whatever their format", async () => {
  const c = supportedConfig(configOf("flash", 3e7));
  const larger = auditTensors(c, syntheticCheckpoint(configOf("flash", 3e7), 3).tensors).weights;
  for (const [name, gain] of [
    ["head.weight", 3],
    ["layers.3.attn.compressor.wkv.weight", 1],
    ["layers.2.ffn.gate.weight", 1],
    ["layers.1.hc_ffn_fn", 2],
    ["layers.2.ffn.experts.5.w1.weight", 1],
    ["layers.2.ffn.experts.5.w2.weight", 1],
  ] as const) {
    const w = larger.find((candidate) => candidate.name === name)!;
    const values = await readWeight(w);
    const unit = gain / Math.sqrt(w.shape[1]);
    const mean = values.reduce((a, b) => a + b) / values.length;
    assert.ok(Math.abs(deviation(values) / unit - 1) < 0.05, `${name}: ${deviation(values) / unit}`);
    assert.ok(Math.abs(mean) < (5 * unit) / Math.sqrt(values.length), `${name}: mean ${mean}`);
  }
  // FP8 matrices have few scales each, so only all of them together come close.
  const fp8 = larger.filter((w) => w.format === "E4M3" && !w.name.includes("wo_b"));
  let squares = 0;
  for (const w of fp8) squares += deviation(await readWeight(w)) ** 2 * w.shape[1];
  assert.ok(Math.abs(Math.sqrt(squares / fp8.length) - 1) < 0.1, `${Math.sqrt(squares / fp8.length)}`);
});

test("what is no matrix has its own size: norms near one, biases small", async () => {
  const values = async (name: string) => decodeArray(tensors.get(name)!.type as "F32" | "BF16", await bytes(name));
  for (const name of tensors.keys())
    if (name.endsWith("norm.weight")) for (const v of await values(name)) assert.ok(v > 0.8 && v < 1.2, `${name}: ${v}`);
  for (const v of await values("layers.3.ffn.gate.bias")) assert.ok(Math.abs(v) < 0.05 && v !== 0);
  assert.ok(Math.abs(deviation(await values("embed.weight")) - 0.5) < 0.01);
});

test("hash routing gives every token different experts, and every expert its share of tokens", async () => {
  const { experts, expertsPerToken: width, vocabSize } = supportedConfig(small);
  for (const layer of [0, 1, 2]) {
    const table = new BigInt64Array((await bytes(`layers.${layer}.ffn.gate.tid2eid`)).buffer);
    const counts = new Uint32Array(experts);
    for (let token = 0; token < vocabSize; token++) {
      const row = table.subarray(token * width, (token + 1) * width);
      assert.equal(new Set(row).size, width);
      for (const id of row) {
        assert.ok(id >= 0 && id < experts);
        counts[Number(id)]++;
      }
    }
    const mean = (vocabSize * width) / experts;
    for (const n of counts) assert.ok(Math.abs(n - mean) < 5 * Math.sqrt(mean), `${counts}`);
  }
});

test("a configuration Tandem does not run has no tensors", () => {
  assert.throws(() => syntheticTensors({ ...small, model_type: "llama" }, 0), /llama/);
});
