import type { TensorSpec } from "../checkpoint/index.ts";
import { type ExpectedTensor, scaleName } from "../models/index.ts";

const PLAIN = { bf16: "BF16", f32: "F32", i64: "I64" } as const;

/**
 * How an expected tensor lies in an official checkpoint: FP4 packed in I8, or FP8 in E4M3, followed by its UE8M0 scales; else as it is.
 *
 * @param block rows × columns of a weight that share one FP8 scale
 */
export function officialLayout(
  { name, shape, storage }: ExpectedTensor,
  block: readonly [number, number],
): [tensor: TensorSpec, scale?: TensorSpec] {
  if (storage !== "fp8" && storage !== "fp4") return [{ name, type: PLAIN[storage], shape }];
  const [rows, columns] = shape;
  const scale = (grid: readonly number[]): TensorSpec => ({ name: scaleName(name), type: "E8M0", shape: grid });
  return storage === "fp4"
    ? [{ name, type: "INT8", shape: [rows, columns / 2] }, scale([rows, columns / 32])]
    : [{ name, type: "E4M3", shape }, scale([Math.ceil(rows / block[0]), Math.ceil(columns / block[1])])];
}
