import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { TandemError } from "../errors.ts";

/** Error `code` if the disk of `folder`, which need not be there yet, has fewer bytes free than `needed`; `io/failed` if nobody can tell. */
export async function requireSpace(folder: string, needed: number, code: "hub/no-space" | "synth/no-space"): Promise<void> {
  const free = await freeBytes(resolve(folder));
  if (needed > free) throw new TandemError(code, { folder, free, needed });
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (cause) {
    const parent = dirname(folder);
    if (parent !== folder) return freeBytes(parent);
    throw new TandemError("io/failed", { action: `Looking for space in ${folder}`, reason: (cause as Error).message }, { cause });
  }
}
