/** Node side: files that appear under their names complete or not at all. */

import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { TandemError } from "../errors.ts";

export interface FileToWrite {
  readonly path: string;
  write(file: FileHandle): Promise<void>;
}

/**
 * Writes all files under temporary names beside their final ones, then renames them in the given order. If anything fails the
 * temporary files are removed. Errors of `write` that have a code pass through; a full disk and the like is `checkpoint/write-failed`.
 */
export async function publish(files: readonly FileToWrite[]): Promise<void> {
  const suffix = `.${randomBytes(6).toString("hex")}.tmp`;
  let current = "";
  try {
    for (const { path, write } of files) {
      current = path;
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path + suffix, "wx");
      try {
        await write(file);
        // A rename may reach the disk before the bytes do; after a power cut the file would be there but empty.
        await file.sync();
      } finally {
        await file.close();
      }
    }
    for (const { path } of files) {
      current = path;
      await rename(path + suffix, path);
    }
  } catch (cause) {
    await Promise.all(files.map(({ path }) => rm(path + suffix, { force: true }).catch(() => {})));
    if (cause instanceof TandemError) throw cause;
    throw new TandemError(
      "checkpoint/write-failed",
      { file: current, reason: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
}

/** All of `bytes` at the file's position; Node writes at most 2^31 - 1 bytes at a time. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
    done += bytesWritten;
  }
}
