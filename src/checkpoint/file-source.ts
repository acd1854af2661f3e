/** Node side: positioned reads from a file of any size. */

import { type FileHandle, open, stat } from "node:fs/promises";
import { TandemError } from "../errors.ts";
import { checkRange } from "./range.ts";
import type { ByteSource } from "./types.ts";

/** Linux reads at most 2^31 - 4096 bytes per call, and Node refuses more than 2^31 - 1; larger requests go in pieces. */
const PIECE = 2 ** 28;

/**
 * Opens a regular file (symbolic links are followed: the hub cache is made of them). Offsets are plain numbers, exact to 2^53.
 * Errors: `io/failed` (absent, unreadable, a pipe or device), `checkpoint/short-read` and
 * `checkpoint/changed` (the file shrank, or was written to, after it was opened).
 */
export async function fileSource(path: string, name: string = path): Promise<ByteSource> {
  const file = await openRegular(path, name);
  const { size, mtimeMs } = await file.stat();
  /** A file that is written to while it is read would give numbers of two checkpoints: an error instead. */
  const unchanged = async () => {
    const now = await file.stat();
    if (now.size < size) throw new TandemError("checkpoint/short-read", { file: name, offset: 0, length: size, got: now.size });
    if (now.size !== size || now.mtimeMs !== mtimeMs) throw new TandemError("checkpoint/changed", { file: name });
  };
  const fill = async (target: Uint8Array, offset: number) => {
    checkRange(name, offset, target.length, size);
    try {
      await readExactly(file, name, target, offset);
      await unchanged();
    } catch (cause) {
      throw failed(name, cause);
    }
  };
  return {
    name,
    size,
    async read(offset, length) {
      checkRange(name, offset, length, size);
      const bytes = new Uint8Array(length);
      await fill(bytes, offset);
      return bytes;
    },
    readInto: fill,
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

async function readExactly(file: FileHandle, name: string, target: Uint8Array, offset: number): Promise<void> {
  const { length } = target;
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(target, done, Math.min(length - done, PIECE), offset + done);
    if (bytesRead === 0) throw new TandemError("checkpoint/short-read", { file: name, offset, length, got: done });
    done += bytesRead;
  }
}

const failed = (name: string, cause: unknown): TandemError =>
  cause instanceof TandemError
    ? cause
    : new TandemError(
        "io/failed",
        { action: `Reading ${name}`, reason: cause instanceof Error ? cause.message : String(cause) },
        { cause },
      );
