import { TandemError } from "../errors.ts";
import type { FormatName } from "./number-format.ts";
import { FORMATS } from "./registry.ts";

const values = new Map<FormatName, Float32Array>();
const codes = new Map<FormatName, Uint8Array>();

/** Value of every code of a format of at most 16 bits, as float32 (all such values are exact in it). Shared: do not write to it. */
export function decodeTable(name: FormatName): Float32Array {
  let table = values.get(name);
  if (table === undefined) {
    const { bits, decode } = FORMATS[name];
    if (bits > 16) throw new TandemError("internal", { reason: `a decode table of ${name} would have 2^${bits} entries` });
    table = Float32Array.from({ length: 2 ** bits }, (_, code) => decode(code));
    values.set(name, table);
  }
  return table;
}

/**
 * Code of every value of a format of at most 8 bits. Each such value has at most 8 significant bits, hence is a BF16 value too:
 * the upper half of its float32 bits is the index. Entries of other values mean nothing.
 */
export function codeTable(name: FormatName): Uint8Array {
  let table = codes.get(name);
  if (table === undefined) {
    const { encode } = FORMATS[name];
    const floats = decodeTable(name);
    const bits = new Uint32Array(floats.buffer);
    table = new Uint8Array(65536);
    for (let code = 0; code < floats.length; code++) table[bits[code] >>> 16] = code;
    table[0x7fc0] = table[0xffc0] = encode(Number.NaN);
    codes.set(name, table);
  }
  return table;
}
