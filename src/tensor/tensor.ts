import type { StoredFormatName } from "../formats/index.ts";

/** How a value lies on disk: a number format, or an integer that is no weight. Packed FP4 arrives as INT8 and is told apart by its scales. */
export type StorageType = StoredFormatName | "I64" | "I32" | "U8" | "BOOL";

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
  /** Fills `target` with the bytes from `offset` on, which may lie in shared memory; absent where a source has no way around a copy. */
  readInto?(target: Uint8Array, offset: number): Promise<void>;
}

/** Number of elements of a shape. */
export const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
