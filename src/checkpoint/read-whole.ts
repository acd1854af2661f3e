import { TandemError } from "../errors.ts";
import type { Folder } from "./types.ts";

/** A small file as bytes, or undefined if it is not there. `checkpoint/file-too-large` above `limit` bytes, before anything is read. */
export async function readWhole(folder: Folder, path: string, limit: number): Promise<Uint8Array | undefined> {
  const source = await folder.open(path);
  if (!source) return undefined;
  try {
    if (source.size > limit) throw new TandemError("checkpoint/file-too-large", { file: path, size: source.size, limit });
    return await source.read(0, source.size);
  } finally {
    await source.close();
  }
}
