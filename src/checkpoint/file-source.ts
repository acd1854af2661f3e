/** Node side: positioned reads from a file of any size. */

import { type FileHandle, open, stat } from "node:fs/promises";
import { TandemError } from "../errors.ts";
import { checkRange } from "./range.ts";
import type { ByteSource } from "./types.ts";

/** Linux reads at most 2^31 - 4096 bytes per call, and Node refuses more than 2^31 - 1; larger requests go in pieces. */
const PIECE = 2 ** 28;

/**
 * Opens a regular file (symbolic links are followed: the hub cache is made of them). Offsets are plain numbers, exact to 2^53.
 * Errors: `io/failed` (absent, unreadable, a pipe or device), `checkpoint/short-read` (the file shrank after it was opened).
 */
export async function fileSource(path: string, name: string = path): Promise<ByteSource> {
  const file = await openRegular(path, name);
  const { size } = await file.stat();
  return {
    name,
    size,
    async read(offset, length) {
      checkRange(name, offset, length, size);
      try {
        return await readExactly(file, name, offset, length);
      } catch (cause) {
        throw failed(name, cause);
      }
    },
    close: () => file.close(),
  };
}

async function openRegular(path: string, name: string): Promise<FileHandle> {
  try {
    // Checked before opening: opening a pipe without a writer would wait for ever.
    if (!(await stat(path)).isFile()) throw new Error("not a regular file");
    return await open(path, "r");
  } catch (cause) {
    throw failed(name, cause);
  }
}

async function readExactly(file: FileHandle, name: string, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, PIECE), offset + done);
    if (bytesRead === 0) throw new TandemError("checkpoint/short-read", { file: name, offset, length, got: done });
    done += bytesRead;
  }
  return bytes;
}

const failed = (name: string, cause: unknown): TandemError =>
  cause instanceof TandemError
    ? cause
    : new TandemError(
        "io/failed",
        { action: `Reading ${name}`, reason: cause instanceof Error ? cause.message : String(cause) },
        { cause },
      );
