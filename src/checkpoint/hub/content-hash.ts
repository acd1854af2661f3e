/** Node side: the hashes by which the hub names contents. */
import { createHash, type Hash } from "node:crypto";

/**
 * The hash that names a file on the hub. Large files (LFS): SHA-256 of the contents, 64 hex digits. Small files: git's blob id,
 * SHA-1 of `blob SIZE\0` and the contents, 40 hex digits.
 */
export function contentHash(expected: string, size: number): Hash {
  return expected.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

/** A hash in an `ETag` header (`"abc…"`, `W/"abc…"`) or an API field; undefined if it is of another kind and so cannot be verified. */
export function hashIn(value: unknown): string | undefined {
  return typeof value === "string" ? /^(?:W\/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?$/.exec(value)?.[1] : undefined;
}
