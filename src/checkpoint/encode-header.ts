import { TandemError } from "../errors.ts";
import type { StorageType } from "../tensor/index.ts";
import { byteLength, dtypeOf } from "./dtypes.ts";
import { nameDefect, quoted } from "./tensor-name.ts";

/** What a header says about a tensor that is to be written. `shape` as stored (packed FP4 in `INT8`: half the columns). */
export interface TensorSpec {
  readonly name: string;
  readonly type: StorageType;
  readonly shape: readonly number[];
}

export interface EncodedHeader<T extends TensorSpec> {
  /** Length, JSON and padding: everything before the tensors' bytes. */
  readonly bytes: Uint8Array;
  /** The tensors in the order in which their bytes must follow. */
  readonly order: readonly { readonly tensor: T; readonly byteLength: number }[];
  /** Bytes of all tensors together. */
  readonly dataSize: number;
}

/**
 * Plans a file. Since the format allows no padding between tensors, they are ordered by falling element size (otherwise as given), so
 * that with a header padded to 8 bytes every tensor starts at a multiple of its element size and can be mapped and viewed in place.
 * Errors: `checkpoint/bad-name`, `bad-shape`, `duplicate-tensor`, `unknown-dtype`.
 */
export function encodeHeader<T extends TensorSpec>(
  tensors: readonly T[],
  file: string,
  metadata: ReadonlyMap<string, string> = new Map(),
): EncodedHeader<T> {
  const planned = tensors.map((tensor) => ({ tensor, ...measure(tensor, file) })).sort((a, b) => b.bits - a.bits);
  const entries: string[] = metadata.size > 0 ? [`"__metadata__":${JSON.stringify(Object.fromEntries(metadata))}`] : [];
  const names = new Set(["__metadata__"]);
  let end = 0;
  for (const { tensor, dtype, byteLength } of planned) {
    const { name, shape } = tensor;
    if (names.has(name)) throw new TandemError("checkpoint/duplicate-tensor", { file, name });
    names.add(name);
    // Text rather than an object: with the name `__proto__` or `7` an object would lose or reorder entries.
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [end, (end += byteLength)] })}`);
  }
  return { bytes: frame(`{${entries.join(",")}}`), order: planned, dataSize: end };
}

/** Storage of a tensor, or the error that says why it cannot be written. */
function measure({ name, type, shape }: TensorSpec, file: string): { dtype: string; bits: number; byteLength: number } {
  const defect = nameDefect(name);
  if (defect) throw new TandemError("checkpoint/bad-name", { file, name: quoted(name), reason: defect });
  const known = dtypeOf(type);
  if (!known) throw new TandemError("checkpoint/unknown-dtype", { file, name, dtype: type, known: "no such type from a file" });
  const bytes = shape.every((size) => Number.isSafeInteger(size) && size >= 0) ? byteLength(shape, known.bits) : undefined;
  if (bytes === undefined)
    throw new TandemError("checkpoint/bad-shape", { file, name, reason: `[${shape}] is not a whole number of bytes below 2^50` });
  return { ...known, byteLength: bytes };
}

function frame(json: string): Uint8Array {
  const text = new TextEncoder().encode(json);
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  return bytes;
}
