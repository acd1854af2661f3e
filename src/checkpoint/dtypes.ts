import type { StorageType } from "../tensor/index.ts";

/** A safetensors dtype: Tandem's name for it, and its bits per element. */
export interface Dtype {
  readonly type: StorageType;
  readonly bits: number;
}

/**
 * The dtypes Tandem reads, by their names in the file. Only types that an operation can consume are here: complex numbers,
 * 6-bit floats and the FNUZ variants of FP8 (another bias, so the same byte is another number) are refused rather than misread.
 * `F4` is the format's own packed FP4, with the logical shape; DeepSeek stores FP4 as `I8` with half the columns instead.
 */
export const DTYPES: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ["BOOL", { type: "BOOL", bits: 8 }],
  ["F4", { type: "E2M1", bits: 4 }],
  ["U8", { type: "U8", bits: 8 }],
  ["I8", { type: "INT8", bits: 8 }],
  ["F8_E5M2", { type: "E5M2", bits: 8 }],
  ["F8_E4M3", { type: "E4M3", bits: 8 }],
  ["F8_E8M0", { type: "E8M0", bits: 8 }],
  ["F16", { type: "F16", bits: 16 }],
  ["BF16", { type: "BF16", bits: 16 }],
  ["I32", { type: "I32", bits: 32 }],
  ["F32", { type: "F32", bits: 32 }],
  ["I64", { type: "I64", bits: 64 }],
  ["F64", { type: "F64", bits: 64 }],
]);

const BY_TYPE: ReadonlyMap<StorageType, { readonly dtype: string; readonly bits: number }> = new Map(
  [...DTYPES].map(([dtype, { type, bits }]) => [type, { dtype, bits }]),
);

/** How a storage type is named in a file; undefined for formats that exist only in chips (they are stored as U8). */
export const dtypeOf = (type: StorageType): { readonly dtype: string; readonly bits: number } | undefined => BY_TYPE.get(type);

/** Bytes of a tensor, or undefined if they are not whole or its bits not below 2^53 (a petabyte). */
export function byteLength(shape: readonly number[], bits: number): number | undefined {
  let product = bits;
  for (const size of shape) {
    product *= size;
    // Once above 2^53 the product is inexact, and a later 0 must not hide that: [2^52, 2^52, 0] is refused.
    if (!Number.isSafeInteger(product)) return undefined;
  }
  return product % 8 === 0 ? product / 8 : undefined;
}
