import { TandemError } from "../errors.ts";

/** Throws `checkpoint/bad-range` unless bytes [offset, offset+length) lie in [0, size). Runs before any allocation. */
export function checkRange(name: string, offset: number, length: number, size: number): void {
  const fine = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && length <= size - offset;
  if (!fine) throw new TandemError("checkpoint/bad-range", { name, offset, length, size });
}
