import { checkRange } from "./range.ts";
import type { ByteSource } from "./types.ts";

/** Bytes that are already in memory. Reads are copies, so that every result starts at an aligned address. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(offset, length) {
      checkRange(name, offset, length, bytes.length);
      return bytes.slice(offset, offset + length);
    },
    async close() {},
  };
}
