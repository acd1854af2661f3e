/**
 * Random 32-bit words by counter: word i of a stream follows from the stream's key and i alone, so tensors can be made in any
 * order and in pieces, and a seed gives the same bytes on every machine. Only 32-bit integer arithmetic, which JavaScript fixes
 * to the bit. A stream repeats after 2^32 words, 16 GB, nearly ten times the largest published tensor. Not for secrets.
 */

/** 64 bits: with 32, streams of a large model would run into each other. */
export type StreamKey = readonly [number, number];

/** The finaliser of MurmurHash3 (Appleby, public domain): a bijection after which every input bit reaches every output bit. */
function mix(v: number): number {
  v = Math.imul(v ^ (v >>> 16), 0x85ebca6b);
  v = Math.imul(v ^ (v >>> 13), 0xc2b2ae35);
  return v ^ (v >>> 16);
}

/** The key of the stream called `name` under a seed, a whole number from 0 to 2^53 - 1. */
export function streamKey(seed: number, name: string): StreamKey {
  let a = mix(seed ^ 0x9e3779b9);
  let b = mix(Math.floor(seed / 2 ** 32) ^ a);
  for (let i = 0; i < name.length; i++) {
    a = mix((a ^ name.charCodeAt(i)) + i);
    b = mix(b + a);
  }
  return [a, b];
}

/** Fills `out` with words `first`, `first + 1`, … of a stream. */
export function fillWords(out: Uint32Array, [a, b]: StreamKey, first: number): void {
  for (let i = 0; i < out.length; i++) out[i] = mix(mix((first + i) ^ a) + b);
}
