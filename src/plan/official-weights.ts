import { byteLength, dtypeOf } from "../checkpoint/dtypes.ts";
import { TandemError } from "../errors.ts";
import { expectedTensors, resolveWeight, type V4Config } from "../models/index.ts";
import { officialLayout } from "../synth/index.ts";
import type { StoredTensor, WeightSource } from "../tensor/index.ts";

/** All weights of the architecture as DeepSeek stores them, without their bytes. */
export function officialWeights(config: V4Config): WeightSource[] {
  const absent = async (): Promise<never> => {
    throw new TandemError("internal", { reason: "a weight that is not there was read" });
  };
  // No published model has experts too narrow for blocks of FP4; made-up ones do.
  const expected = expectedTensors(config).map((t) =>
    t.storage === "fp4" && t.shape[1]! % 32 !== 0 ? { ...t, storage: "fp8" as const } : t,
  );
  const tensors = new Map<string, StoredTensor>();
  for (const tensor of expected)
    for (const spec of officialLayout(tensor, config.weightBlock))
      if (spec) tensors.set(spec.name, { ...spec, byteLength: byteLength(spec.shape, dtypeOf(spec.type)!.bits)!, read: absent });
  return expected.map(({ name, shape, storage }) => resolveWeight(tensors, name, shape, storage, config.weightBlock));
}
