/** Node side: checkpoints in folders on disk. */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "../errors.ts";
import { type OpenOptions, openFolder } from "./checkpoint.ts";
import { fileSource } from "./file-source.ts";
import type { Checkpoint, Folder } from "./types.ts";

/**
 * Opens the checkpoint in a folder: parses and checks all headers, reads no weights. See `openFolder` for its errors.
 * Symbolic links are followed wherever they lead, because the hub cache is made of them; whoever can place links in a folder
 * can read its user's files anyway.
 */
export const openCheckpoint = (directory: string, options?: OpenOptions): Promise<Checkpoint> => openFolder(diskFolder(directory), options);

/** A folder on disk. A path that exists but is not a readable regular file is `io/failed`, not absent. */
export const diskFolder = (directory: string): Folder => ({
  location: directory,
  async open(path) {
    const full = join(directory, path);
    return (await exists(full)) ? fileSource(full, path) : undefined;
  },
});

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw new TandemError("io/failed", { action: `Opening ${path}`, reason: message }, { cause });
  }
}
