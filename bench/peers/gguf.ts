/**
 * Writing GGUF version 3: a header of typed keys, a table of tensors, then their data, everything little-endian.
 * Source: the format's specification, github.com/ggml-org/ggml/blob/master/docs/gguf.md.
 */
import { open } from "node:fs/promises";
import { elements } from "../../src/tensor/index.ts";

/** A key's value with its type; TypeScript alone could not tell 1 from 1.0. */
export type GgufValue =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly string: string }
  | { readonly i32s: readonly number[] }
  | { readonly f32s: readonly number[] }
  | { readonly strings: readonly string[] };

/** Element types used here: id in the file, elements per block, bytes per block. */
export const GGML_TYPES = {
  F32: [0, 1, 4],
  Q4_0: [2, 32, 18],
  Q8_0: [8, 32, 34],
  I32: [26, 1, 4],
  BF16: [30, 1, 2],
  MXFP4: [39, 32, 17],
} as const;
export type GgmlType = keyof typeof GGML_TYPES;

export interface GgufTensor {
  readonly name: string;
  readonly type: GgmlType;
  /** Row-major, outermost first; the file lists it the other way round. */
  readonly shape: readonly number[];
  /** The data in order, in pieces of any length. */
  chunks(): AsyncIterable<Uint8Array>;
}

const ALIGNMENT = 32;
const VALUE_TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

export const tensorBytes = ({ type, shape }: Pick<GgufTensor, "type" | "shape">): number => {
  const [, block, bytes] = GGML_TYPES[type];
  return (elements(shape) / block) * bytes;
};

const padded = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

/** Writes the file; each tensor's data is asked for once, in order, and never held whole. */
export async function writeGguf(path: string, keys: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Promise<void> {
  const head = new Bytes();
  head.raw("GGUF").u32(3).u64(tensors.length).u64(Object.keys(keys).length);
  for (const [key, value] of Object.entries(keys)) writeValue(head.string(key), value);
  let offset = 0;
  for (const tensor of tensors) {
    head.string(tensor.name).u32(tensor.shape.length);
    for (const n of tensor.shape.toReversed()) head.u64(n);
    head.u32(GGML_TYPES[tensor.type][0]).u64(offset);
    offset += padded(tensorBytes(tensor));
  }
  const file = await open(path, "w");
  try {
    const header = head.take();
    await file.write(header);
    await file.write(new Uint8Array(padded(header.length) - header.length));
    for (const tensor of tensors) {
      let written = 0;
      for await (const chunk of tensor.chunks()) {
        await file.write(chunk);
        written += chunk.length;
      }
      const size = tensorBytes(tensor);
      if (written !== size) throw new Error(`${tensor.name}: ${written} bytes written, ${size} announced`);
      await file.write(new Uint8Array(padded(size) - size));
    }
  } finally {
    await file.close();
  }
}

function writeValue(out: Bytes, value: GgufValue): void {
  if ("u32" in value) out.u32(VALUE_TYPES.u32).u32(value.u32);
  else if ("f32" in value) out.u32(VALUE_TYPES.f32).f32(value.f32);
  else if ("bool" in value) out.u32(VALUE_TYPES.bool).raw(value.bool ? "\x01" : "\x00");
  else if ("string" in value) out.u32(VALUE_TYPES.string).string(value.string);
  else if ("i32s" in value) {
    out.u32(VALUE_TYPES.array).u32(VALUE_TYPES.i32).u64(value.i32s.length);
    for (const n of value.i32s) out.u32(n);
  } else if ("f32s" in value) {
    out.u32(VALUE_TYPES.array).u32(VALUE_TYPES.f32).u64(value.f32s.length);
    for (const n of value.f32s) out.f32(n);
  } else {
    out.u32(VALUE_TYPES.array).u32(VALUE_TYPES.string).u64(value.strings.length);
    for (const text of value.strings) out.string(text);
  }
}

/** A growing buffer. */
class Bytes {
  #data = Buffer.alloc(1 << 16);
  #length = 0;

  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#data.length) this.#data = Buffer.concat([this.#data], 2 * this.#length);
    return at;
  }
  raw(text: string): this {
    const at = this.#room(Buffer.byteLength(text));
    this.#data.write(text, at);
    return this;
  }
  u32(value: number): this {
    const at = this.#room(4);
    this.#data.writeUInt32LE(value >>> 0, at);
    return this;
  }
  u64(value: number): this {
    const at = this.#room(8);
    this.#data.writeBigUInt64LE(BigInt(value), at);
    return this;
  }
  f32(value: number): this {
    const at = this.#room(4);
    this.#data.writeFloatLE(value, at);
    return this;
  }
  string(text: string): this {
    return this.u64(Buffer.byteLength(text)).raw(text);
  }
  take(): Uint8Array {
    return this.#data.subarray(0, this.#length);
  }
}
