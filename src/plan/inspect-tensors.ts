import { dtypeOf } from "../checkpoint/dtypes.ts";
import { SCALE_NAMES } from "../models/index.ts";
import { elements, type StoredTensor } from "../tensor/index.ts";

/** Tensors of a checkpoint counted, whatever its architecture. */
export interface TensorCount {
  readonly count: number;
  readonly bytes: number;
  /** Elements as the files declare them: two packed FP4 numbers count as one, scales count. */
  readonly storedElements: number;
  /** Numbers the model has: packed FP4 counted twice, scales not at all. */
  readonly parameters: number;
  /** By the dtype names of the files, most bytes first. */
  readonly byDtype: readonly { readonly dtype: string; readonly tensors: number; readonly bytes: number; readonly elements: number }[];
}

/** The tensor of scales that belongs to a weight, under any of the names in use. */
const companion = (tensors: ReadonlyMap<string, StoredTensor>, name: string): StoredTensor | undefined =>
  SCALE_NAMES.map((scaleOf) => tensors.get(scaleOf(name))).find((found) => found !== undefined);

/** Two FP4 numbers in a byte: one scale then belongs to 16 stored bytes, i.e. 32 numbers. */
const isPacked = (tensor: StoredTensor, scale: StoredTensor): boolean =>
  (tensor.type === "INT8" || tensor.type === "U8") && scale.type === "E8M0" && elements(scale.shape) * 16 === elements(tensor.shape);

export function countTensors(tensors: ReadonlyMap<string, StoredTensor>): TensorCount {
  const byDtype = new Map<string, { dtype: string; tensors: number; bytes: number; elements: number }>();
  const scales = new Set<string>();
  let [bytes, storedElements, parameters] = [0, 0, 0];
  for (const tensor of tensors.values()) {
    const scale = companion(tensors, tensor.name);
    if (scale && scale !== tensor) scales.add(scale.name);
    const dtype = dtypeOf(tensor.type)?.dtype ?? tensor.type;
    const size = elements(tensor.shape);
    const row = byDtype.get(dtype) ?? { dtype, tensors: 0, bytes: 0, elements: 0 };
    byDtype.set(dtype, { dtype, tensors: row.tensors + 1, bytes: row.bytes + tensor.byteLength, elements: row.elements + size });
    bytes += tensor.byteLength;
    storedElements += size;
    parameters += scale && isPacked(tensor, scale) ? 2 * size : size;
  }
  for (const name of scales) parameters -= elements(tensors.get(name)!.shape);
  return { count: tensors.size, bytes, storedElements, parameters, byDtype: [...byDtype.values()].sort((a, b) => b.bytes - a.bytes) };
}
