import assert from "node:assert/strict";
import { type ErrorCode, TandemError } from "../../src/errors.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A file of any header text whatever, right or wrong, followed by `data` zero bytes. */
export function rawFile(header: string | Uint8Array, data = 0, declaredLength?: bigint): Uint8Array {
  const text = typeof header === "string" ? utf8(header) : header;
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, declaredLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

/** Matches a `TandemError` by its code; for `assert.rejects` and `assert.throws`. */
export const withCode = (code: ErrorCode) => (error: unknown) => {
  assert.ok(error instanceof TandemError, `not a TandemError: ${error}`);
  assert.equal(error.code, code, error.message);
  assert.ok(error.message.length < 600, "a file decides how long the message is");
  return true;
};
