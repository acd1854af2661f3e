import { TandemError } from "../errors.ts";
import type { TensorEntry } from "./safetensors.ts";
import type { ByteSource } from "./types.ts";

/**
 * Checks that the tensors, sorted by their first byte, tile the data part of the file. Returns the file's size by its header.
 * Errors: `checkpoint/range-outside-file`, `overlapping-tensors`, `gap`, `trailing-bytes`.
 */
export function checkLayout(sorted: readonly TensorEntry[], dataStart: number, source: ByteSource, headersOnly: boolean): number {
  const file = source.name;
  const dataSize = source.size - dataStart;
  let covered = 0;
  let previous = "";
  for (const { name, begin, end } of sorted) {
    // First, because it is the defect that costs most when missed: reading memory or bytes that are not the tensor's.
    if (end > dataSize && !headersOnly)
      throw new TandemError("checkpoint/range-outside-file", { file, name, end: dataStart + end, size: source.size });
    if (begin < covered) throw new TandemError("checkpoint/overlapping-tensors", { file, name, other: previous });
    if (begin > covered) throw new TandemError("checkpoint/gap", { file, name, bytes: begin - covered });
    covered = end;
    previous = name;
  }
  if (covered < dataSize) throw new TandemError("checkpoint/trailing-bytes", { file, bytes: dataSize - covered });
  return dataStart + covered;
}
