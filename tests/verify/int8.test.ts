import assert from "node:assert/strict";
import { test } from "node:test";
import { Cost } from "../../src/backends/cost/index.ts";
import { Reference } from "../../src/backends/reference/index.ts";
import type { LoadedWeight } from "../../src/backends/reference/values.ts";
import { Model } from "../../src/engine/model.ts";
import { type BlockFormat, blockFormat, dequantise, encodeArray, quantise } from "../../src/formats/index.ts";
import { resolveWeight } from "../../src/models/index.ts";
import { float, int8, NUMERICS, official } from "../../src/ops/index.ts";
import { readWeight, type WeightSource } from "../../src/tensor/index.ts";
import { checkpointFromTensors } from "../support/checkpoint.ts";
import { SYNTHETIC, syntheticCheckpoint, syntheticTensors, syntheticTokens } from "../support/synthetic.ts";

const to = blockFormat("int8-block64");

/** Spies on what a model's weights became. */
class Weights extends Reference {
  readonly all: { source: WeightSource; loaded: LoadedWeight }[] = [];

  override weight(source: WeightSource): LoadedWeight {
    const loaded = super.weight(source) as LoadedWeight;
    this.all.push({ source, loaded });
    return loaded;
  }
}

for (const name of ["tiny-q", "odd"] as const)
  test(`${name}: under int8 every FP8 weight, wo_a too, is its own INT8 code times scale; all others are as stored`, async () => {
    const ops = new Weights(int8);
    await Model.load(await syntheticCheckpoint(name), ops);
    const seen = new Set<string>();
    for (const { source, loaded } of ops.all.filter(({ source }) => source.format !== "I64")) {
      const stored = await readWeight(source);
      const element = source.quantised?.block.element;
      if (element === "E4M3") {
        const [rows, columns] = source.shape as [number, number];
        const q = quantise(to, stored, rows, columns);
        assert.deepEqual(loaded.data, dequantise(to, q.elements, q.scales, rows, columns), source.name);
        assert.notDeepEqual(loaded.data, stored, source.name);
      } else assert.deepEqual(loaded.data, stored, source.name);
      assert.equal(loaded.blockScaled, element !== undefined, "the input's rounding follows the stored format");
      seen.add(`${element} ${source.name.split(".").at(-2)}`);
    }
    for (const linear of ["E4M3 wq_a", "E4M3 wkv", "E4M3 wo_a", "E4M3 wo_b", name === "odd" ? "E4M3 w2" : "E2M1 w2", "undefined embed"])
      assert.ok(seen.has(linear), `${linear} among ${[...seen]}`);
  });

test("without FP8 weights int8 is official, to the bit", async () => {
  // FP4 experts stay; what was FP8 is widened to BF16, which holds an E4M3 times a power of two exactly.
  const tensors = syntheticTensors("tiny-q");
  const square = blockFormat("deepseek-fp8-weight");
  const scales = new Map(tensors.map(({ name, bytes }) => [name, bytes]));
  const scaleOf = (name: string) => name.replace(/\.weight$/, ".scale");
  const fp8 = tensors.filter(({ type }) => type === "E4M3");
  const freed = new Set(fp8.map(({ name }) => scaleOf(name)));
  const plain = fp8.map((t) => {
    const values = dequantise(square, t.bytes, scales.get(scaleOf(t.name))!, ...(t.shape as [number, number]));
    return { ...t, type: "BF16" as const, bytes: encodeArray("BF16", values) };
  });
  const rest = tensors.filter(({ name, type }) => type !== "E4M3" && !freed.has(name));
  const [whole, widened] = [tensors, [...rest, ...plain]];

  const logits = async (of: typeof tensors, numerics: typeof int8) => {
    const model = await Model.load(await checkpointFromTensors(SYNTHETIC["tiny-q"], of), new Reference(numerics));
    return (await model.step([{ state: model.newSequence(), tokens: syntheticTokens("tiny-q", 20), logitsAt: [0, 7, 19] }]))[0];
  };
  assert.deepEqual(await logits(widened, float), await logits(whole, float), "the same weights");
  assert.deepEqual(await logits(widened, int8), await logits(widened, official));
  assert.notDeepEqual(await logits(whole, int8), await logits(whole, official), "with them it is not");
});

test("the profile differs from official in its weights only", () => {
  const { name, title, weights, ...rest } = int8;
  const { name: _n, title: _t, ...expected } = official;
  assert.deepEqual(rest, expected);
  assert.deepEqual([name, weights, NUMERICS.get("int8")], ["int8", [{ from: "E4M3", to }], int8]);
  assert.match(title, /INT8/);
});

test("a re-encoded weight is priced as it is used: a byte an element, four a block", async () => {
  const [rows, columns] = [40, 200] as const;
  const square: BlockFormat = { ...blockFormat("deepseek-fp8-weight"), block: { rows: 32, columns: 32 } };
  const q = quantise(square, new Float32Array(rows * columns).fill(1), rows, columns);
  const { tensors } = await checkpointFromTensors({}, [
    { name: "w.weight", type: "E4M3", shape: [rows, columns], bytes: q.elements },
    { name: "w.scale", type: "E8M0", shape: q.scaleShape, bytes: q.scales as Uint8Array },
  ]);
  const source = resolveWeight(tensors, "w.weight", [rows, columns], "fp8", [32, 32]);
  const line = (numerics: typeof int8, kind: "attention.q_a" | "attention.o_a") => {
    const ops = new Cost(numerics, { cacheLayout: "fp8", ropeColumns: 0 });
    ops.linear({ rows: 1, columns }, ops.weight(source), kind);
    const [{ formats, weightBytes }] = ops.ledger.lines as [(typeof ops.ledger.lines)[0]];
    return [formats, weightBytes];
  };
  assert.deepEqual(line(official, "attention.q_a"), ["E4M3×E4M3", 40 * 200 + 2 * 7]);
  assert.deepEqual(line(int8, "attention.q_a"), ["INT8×E4M3", 40 * (200 + 4 * 4)]);
  assert.deepEqual(line(int8, "attention.o_a"), ["BF16×BF16", 40 * (200 + 4 * 4)]);
});
