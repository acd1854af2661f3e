import { TandemError } from "../errors.ts";
import { checkRange } from "./range.ts";
import type { ByteSource } from "./types.ts";

/** What is used of a `Blob` or `File`; the Node and browser types differ elsewhere. */
interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A file the user chose in a page. The browser refuses the read if the file on disk has changed since. */
export function blobSource(name: string, blob: BlobLike): ByteSource {
  return {
    name,
    size: blob.size,
    async read(offset, length) {
      checkRange(name, offset, length, blob.size);
      let bytes: Uint8Array;
      try {
        bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      } catch (cause) {
        throw new TandemError("io/failed", { action: `Reading ${name}`, reason: String(cause) }, { cause });
      }
      if (bytes.length !== length) throw new TandemError("checkpoint/short-read", { file: name, offset, length, got: bytes.length });
      return bytes;
    },
    async close() {},
  };
}
