import { readFileSync } from "node:fs";

export const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/formats/${name}.json`, import.meta.url), "utf8"));

export const bytes = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(base64, "base64"));
export const floats = (base64: string): Float32Array => new Float32Array(bytes(base64).buffer);

/** float32 bit patterns, every NaN the same. */
export function words(values: ArrayLike<number>): Uint32Array {
  const result = new Uint32Array(Float32Array.from(values).buffer);
  for (let i = 0; i < result.length; i++) if (Number.isNaN(values[i])) result[i] = 0x7fc00000;
  return result;
}

/** FNV-1a over 32-bit words, as in scripts/oracles/formats.py. */
export function fnv(data: ArrayLike<number>): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < data.length; i++) h = Math.imul(h ^ data[i], 0x01000193);
  return h >>> 0;
}

/** Every finite value of a format once, ascending, as doubles. */
export function finiteValues(decode: (code: number) => number, bits: number): number[] {
  const values = new Set(Array.from({ length: 2 ** bits }, (_, code) => decode(code)).filter(Number.isFinite));
  return [...values].sort((a, b) => a - b);
}
