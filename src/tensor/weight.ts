import { TandemError } from "../errors.ts";
import { type BlockFormat, decodeArray, dequantise, type StoredFormatName } from "../formats/index.ts";
import { elements, type StoredTensor } from "./tensor.ts";

/**
 * A weight as the checkpoint stores it, with everything needed to read it as numbers: packed FP4 and
 * block-scaled FP8 are one weight made of two tensors.
 */
export interface WeightSource {
  readonly name: string;
  /** Logical shape: packed FP4 counts every element. */
  readonly shape: readonly number[];
  /** Format of the elements, or I64 for index tables. */
  readonly format: StoredFormatName | "I64" | "I32";
  readonly data: StoredTensor;
  /** Index tables: every value must lie in [0, indexBelow). */
  readonly indexBelow?: number;
  /** Part of one of many experts, of which a token needs few: an interpreter may keep only some of them in memory. */
  readonly expert?: { readonly of: string; readonly part: "w1" | "w2" | "w3" };
  /** Present when elements carry block scales. */
  readonly quantised?: { readonly block: BlockFormat; readonly scale: StoredTensor };
}

/** Bytes on disk, scales included. */
export const weightBytes = (w: WeightSource): number => w.data.byteLength + (w.quantised?.scale.byteLength ?? 0);

/** Reads bytes [offset, offset + target.length) of a tensor straight to where they belong, if its source can. */
export async function readTensorInto(tensor: StoredTensor, target: Uint8Array, offset = 0): Promise<void> {
  if (tensor.readInto) await tensor.readInto(target, offset);
  else target.set(await tensor.read(offset, target.length));
}

/** Row count and row length of a logical shape; vectors are one row. */
export function rowsAndColumns(shape: readonly number[]): [number, number] {
  const columns = shape.at(-1) ?? 1;
  return [elements(shape) / Math.max(columns, 1), columns];
}

/** All elements as float32: exact, since no listed format exceeds float32 (index tables: see `readIndices`). */
export async function readWeight(w: WeightSource): Promise<Float32Array> {
  const bytes = await w.data.read();
  if (w.format === "I64" || w.format === "I32") throw new TandemError("internal", { reason: `${w.name} is a table of indices` });
  if (!w.quantised) return decodeArray(w.format, bytes);
  const [rows, columns] = rowsAndColumns(w.shape);
  const { block, scale } = w.quantised;
  const scales = await scale.read();
  return dequantise(block, bytes, block.scale === "F32" ? decodeArray("F32", scales) : scales, rows, columns);
}

/** An index table as int32; a value outside its bound is an error, so a bad table cannot reach past an array. */
export async function readIndices(w: WeightSource): Promise<Int32Array> {
  const limit = w.indexBelow ?? 0;
  const bytes = await w.data.read();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Int32Array(elements(w.shape));
  const wide = w.format === "I64";
  for (let i = 0; i < out.length; i++) {
    const high = wide ? view.getInt32(8 * i + 4, true) : 0;
    const value = view.getInt32(wide ? 8 * i : 4 * i, true);
    if (high !== 0 || value < 0 || value >= limit) throw new TandemError("model/bad-index", { name: w.name, index: i, limit });
    out[i] = value;
  }
  return out;
}
