import assert from "node:assert/strict";
import { test } from "node:test";
import { checkpointFromSources } from "../../src/checkpoint/index.ts";
import { type ErrorCode, TandemError } from "../../src/errors.ts";
import { type BlockFormat, blockFormat, dequantise, encodeArray, quantise } from "../../src/formats/index.ts";
import { type OfficialStorage, resolveWeight } from "../../src/models/index.ts";
import { readIndices, readWeight, type StorageType } from "../../src/tensor/index.ts";
import { checkpointFromTensors } from "../support/checkpoint.ts";

const SHAPE = [40, 96] as const;
const BLOCK = [32, 32] as const;
const values = Float32Array.from({ length: SHAPE[0] * SHAPE[1] }, (_, i) => Math.sin(i * 1.7) * 2 ** ((i % 7) - 3));
const bytesOf = (scales: Uint8Array | Float32Array) => new Uint8Array(scales.buffer, scales.byteOffset, scales.byteLength);

type Spec = { type: StorageType; shape: readonly number[]; bytes: Uint8Array };
const resolve = async (
  tensors: Record<string, Spec>,
  storage: OfficialStorage = "fp8",
  shape: readonly number[] = SHAPE,
  below?: number,
) => {
  const checkpoint = await checkpointFromTensors(
    {},
    Object.entries(tensors).map(([name, spec]) => ({ name, ...spec })),
  );
  return resolveWeight(checkpoint.tensors, "w.weight", shape, storage, BLOCK, below);
};
const fails = (code: ErrorCode, run: Promise<unknown>) => assert.rejects(run, (e) => e instanceof TandemError && e.code === code);

/** Every layout a linear weight may have on disk; the official two come first. */
const square: BlockFormat = { ...blockFormat("deepseek-fp8-weight"), block: { rows: 32, columns: 32 } };
const LAYOUTS: readonly { name: string; type: StorageType; block: BlockFormat; pack?: boolean; scale: string }[] = [
  { name: "FP8, square blocks, UE8M0", type: "E4M3", block: square, scale: "w.scale" },
  { name: "packed FP4, UE8M0", type: "INT8", block: blockFormat("deepseek-fp4"), pack: true, scale: "w.scale" },
  {
    name: "FP8, square blocks, F32 scales of V3",
    type: "E4M3",
    block: { ...square, scale: "F32", scaleRule: "max" },
    scale: "w.weight_scale_inv",
  },
  { name: "FP8 E5M2", type: "E5M2", block: { ...square, element: "E5M2" }, scale: "w.scale" },
  { name: "FP8 per channel", type: "E4M3", block: blockFormat("fp8-channel"), scale: "w.weight_scale" },
  { name: "INT8 per channel", type: "INT8", block: blockFormat("int8-channel"), scale: "w.weight_scale" },
];

for (const { name, type, block, pack = false, scale } of LAYOUTS)
  test(`${name} reads as the numbers it stands for`, async () => {
    const q = quantise(block, values, ...SHAPE, pack ? { pack } : {});
    const shape = pack ? [SHAPE[0], SHAPE[1] / 2] : SHAPE;
    const scales = { type: (block.scale === "F32" ? "F32" : "E8M0") as StorageType, shape: q.scaleShape, bytes: bytesOf(q.scales) };
    const weight = await resolve({ "w.weight": { type, shape, bytes: q.elements }, [scale]: scales });
    assert.deepEqual(await readWeight(weight), dequantise(block, q.elements, q.scales, ...SHAPE));
    await fails("model/missing-tensor", resolve({ "w.weight": { type, shape, bytes: q.elements } }));
    const bad = { ...scales, shape: [1, 1], bytes: scales.bytes.slice(0, scales.type === "F32" ? 4 : 1) };
    await fails("model/wrong-tensor", resolve({ "w.weight": { type, shape, bytes: q.elements }, [scale]: bad }));
    await fails("model/wrong-tensor", resolve({ "w.weight": { type, shape, bytes: q.elements }, [scale]: scales }, "bf16"));
  });

for (const type of ["F32", "BF16", "F16"] as const)
  test(`${type} weights need no scales, wherever they stand`, async () => {
    const tensors = { "w.weight": { type, shape: SHAPE, bytes: encodeArray(type, values) } };
    for (const storage of ["fp8", "fp4", "bf16", "f32"] as const)
      assert.equal((await readWeight(await resolve(tensors, storage))).length, values.length);
    await fails("model/wrong-tensor", resolve(tensors, "fp8", [SHAPE[1], SHAPE[0]]));
    await fails("model/wrong-tensor", resolve(tensors, "i64"));
  });

test("an index table cannot point past its bound", async () => {
  const table = (ids: readonly bigint[]) => ({
    "w.weight": { type: "I64" as const, shape: [2, 2], bytes: new Uint8Array(BigInt64Array.from(ids).buffer) },
  });
  assert.deepEqual(await readIndices(await resolve(table([0n, 3n, 2n, 1n]), "i64", [2, 2], 4)), Int32Array.of(0, 3, 2, 1));
  for (const id of [4n, -1n, 2n ** 32n, 2n ** 63n - 1n])
    await fails("model/bad-index", resolve(table([0n, 1n, 2n, id]), "i64", [2, 2], 4).then(readIndices));
});

test("a missing tensor is named", async () => {
  await fails("model/missing-tensor", resolve({}));
  await fails("checkpoint/not-a-checkpoint", checkpointFromSources([]));
});
