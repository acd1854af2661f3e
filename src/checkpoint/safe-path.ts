import { TandemError } from "../errors.ts";
import { MAX_PATH_LENGTH } from "./limits.ts";
import { quoted } from "./tensor-name.ts";

// Control characters, backslash (a separator on Windows) and colon (a drive or a stream there).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\\:]/;

/**
 * A relative path with `/` that stays inside its folder on every platform, unchanged; `checkpoint/unsafe-path` otherwise.
 * Shard names in an index and file names from a hub are chosen by strangers: `../../.ssh/authorized_keys` is a name like any other.
 */
export function safePath(path: string): string {
  const inside = path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  if (!inside || path.length > MAX_PATH_LENGTH || FORBIDDEN.test(path) || !path.isWellFormed())
    throw new TandemError("checkpoint/unsafe-path", { path: quoted(path) });
  return path;
}
