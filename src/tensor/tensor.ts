import type { FormatName } from "../formats/index.ts";

/** How a value lies on disk. The first ten are number formats; `I64` is an index; packed FP4 arrives as `I8` and is named by its reader. */
export type StorageType = FormatName | "I64" | "I32" | "U8" | "BOOL";

/** A tensor of a checkpoint: what it is called, how it is stored, where its bytes come from. Nothing is read until asked for. */
export interface StoredTensor {
  readonly name: string;
  /** Storage type as the file declares it, in Tandem's names (`F8_E4M3` → `E4M3`, `I8` → `INT8`, …). */
  readonly type: StorageType;
  /** Shape as stored (packed FP4: half the columns). Row-major. */
  readonly shape: readonly number[];
  readonly byteLength: number;
  /** Bytes [offset, offset+length) of the tensor; the whole tensor by default. One positioned read, no second copy. */
  read(offset?: number, length?: number): Promise<Uint8Array>;
}

/** Number of elements of a shape. */
export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
