import { TandemError } from "../errors.ts";
import type { EncodeOptions, FormatName } from "./number-format.ts";
import { FORMATS } from "./registry.ts";
import { rounder } from "./rounder.ts";
import { codeTable, decodeTable } from "./tables.ts";

/** Formats an array can be stored in: the number formats, and F64 for reading. */
export type StoredFormatName = FormatName | "F64";

/** Bits an element takes in a stored array: 4-bit formats share a byte between two, 6-bit ones take a whole one. */
export const storedBits = (name: StoredFormatName): number => (name === "F64" ? 64 : FORMATS[name].bits === 6 ? 8 : FORMATS[name].bits);

/** `bytes` as whole elements of `Type`; copied only if they do not start on an element's boundary. */
function view<T>(
  bytes: Uint8Array,
  Type: { new (buffer: ArrayBufferLike, offset: number, length: number): T; BYTES_PER_ELEMENT: number },
): T {
  const size = Type.BYTES_PER_ELEMENT;
  if (bytes.length % size !== 0)
    throw new TandemError("formats/length", { what: "stored array", expected: `a multiple of ${size} bytes`, actual: bytes.length });
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new Type(aligned.buffer, aligned.byteOffset, bytes.length / size);
}

/** `array` if it has `length` elements, a new one if there is none. */
function target(array: Float32Array | undefined, length: number): Float32Array {
  if (array === undefined) return new Float32Array(length);
  if (array.length !== length) throw new TandemError("formats/length", { what: "output array", expected: length, actual: array.length });
  return array;
}

/**
 * Decodes a stored array, little-endian, from any byte offset, to float32 (exact for every format but F64, which is rounded).
 * E2M1 and INT4 hold two elements a byte, the first in the low nibble; E2M3 and E3M2 one a byte.
 * @throws TandemError `formats/length` if the bytes are not whole elements or `out` has another length
 */
export function decodeArray(name: StoredFormatName, bytes: Uint8Array, out?: Float32Array): Float32Array {
  switch (name) {
    case "F64": {
      const values = view(bytes, Float64Array);
      const result = target(out, values.length);
      result.set(values);
      return result;
    }
    case "F32": {
      const values = view(bytes, Float32Array);
      const result = target(out, values.length);
      result.set(values);
      return result;
    }
    case "BF16": {
      const codes = view(bytes, Uint16Array);
      const result = target(out, codes.length);
      const words = new Uint32Array(result.buffer, result.byteOffset, result.length);
      for (let i = 0; i < codes.length; i++) words[i] = codes[i] << 16;
      return result;
    }
    case "E2M1":
    case "INT4": {
      const table = decodeTable(name);
      const result = target(out, bytes.length * 2);
      for (let i = 0; i < bytes.length; i++) {
        result[2 * i] = table[bytes[i] & 15];
        result[2 * i + 1] = table[bytes[i] >> 4];
      }
      return result;
    }
    default: {
      const table = decodeTable(name);
      const codes = name === "F16" ? view(bytes, Uint16Array) : bytes;
      const mask = table.length - 1;
      const result = target(out, codes.length);
      for (let i = 0; i < codes.length; i++) result[i] = table[codes[i] & mask];
      return result;
    }
  }
}

/** Encodes values as `decodeArray` reads them. An odd number of 4-bit elements leaves the last high nibble 0. */
export function encodeArray(name: FormatName, values: ArrayLike<number>, options: EncodeOptions = {}): Uint8Array {
  const { bits, encode } = FORMATS[name];
  const n = values.length;
  if (bits <= 8) {
    const code = narrowEncoder(name, options);
    const bytes = new Uint8Array(bits === 4 ? (n + 1) >> 1 : n);
    if (bits === 4) for (let i = 0; i < n; i++) bytes[i >> 1] |= code(values[i]) << ((i & 1) << 2);
    else for (let i = 0; i < n; i++) bytes[i] = code(values[i]);
    return bytes;
  }
  const codes = bits === 32 ? new Uint32Array(n) : new Uint16Array(n);
  const code = name === "F16" ? (value: number) => encode(value, options) : float32Encoder(name, options);
  for (let i = 0; i < n; i++) codes[i] = code(values[i]);
  return new Uint8Array(codes.buffer);
}

/** `encode` of F32 and of BF16, its upper half, but faster. */
function float32Encoder(name: FormatName, options: EncodeOptions): (value: number) => number {
  const { bits, encode } = FORMATS[name];
  const round = rounder(name, options);
  const single = new Float32Array(1);
  const word = new Uint32Array(single.buffer);
  return (value) => {
    if (Number.isNaN(value)) return encode(value);
    single[0] = round(value);
    return word[0] >>> (32 - bits);
  };
}

/** `encode` of a format of at most 8 bits, several times as fast: rounds, then looks the code up. What may overflow goes the long way. */
function narrowEncoder(name: FormatName, options: EncodeOptions): (value: number) => number {
  const { max, lowest, encode } = FORMATS[name];
  if (lowest > 0) return (value) => encode(value, options);
  const round = rounder(name, options);
  const codes = codeTable(name);
  const single = new Float32Array(1);
  const word = new Uint32Array(single.buffer);
  return (value) => {
    if (!(value >= lowest && value <= max)) return encode(value, options);
    single[0] = round(value);
    return codes[word[0] >>> 16];
  };
}
