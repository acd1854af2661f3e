/**
 * How random words become a tensor's bytes. Quantised weights are drawn as codes with scales, never quantised. Only +, −, ×, ÷ and
 * √ are used, which IEEE 754 fixes to the bit; logarithms and cosines differ between JavaScript engines.
 */
import { decodeArray, encodeArray } from "../formats/index.ts";

/** Turns whole units of words into whole units of bytes. */
export interface Draw {
  readonly unit: { readonly words: number; readonly bytes: number };
  /** Writes `words.length / unit.words` units to the front of `out`. */
  fill(words: Uint32Array, out: ArrayBuffer): void;
}

/**
 * A sum of two uniform numbers of 16 bits, centred: a triangle, as bounded as quantised weights are and close enough to a bell
 * (kurtosis 2.4, a Gaussian's is 3). Its half width is √6 standard deviations.
 */
const triangle = (word: number) => (word & 0xffff) + (word >>> 16) - 0xffff;
const UNIT = Math.sqrt(6) / 0xffff;

const rms = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** The triangle's quantiles, with a half width of 1. */
function quantile(p: number): number {
  return p < 0.5 ? Math.sqrt(2 * p) - 1 : 1 - Math.sqrt(2 - 2 * p);
}

/** A draw of quantised codes, with the root mean square of the numbers they stand for. */
export type Codes = Draw & { readonly rms: number };

let e4m3: Codes | undefined;

/** E4M3 codes of at most 448 in magnitude, none of them NaN. The table behind it takes 15 ms, so only who draws pays for it. */
export const fp8 = (): Codes => (e4m3 ??= drawE4m3());

function drawE4m3(): Codes {
  // By 16 random bits: as finely as this even subnormals occur.
  const quantiles = Float32Array.from({ length: 2 ** 16 }, (_, i) => 448 * quantile((i + 0.5) / 2 ** 16));
  const codes = encodeArray("E4M3", quantiles);
  return {
    rms: rms(decodeArray("E4M3", codes)),
    unit: { words: 1, bytes: 2 },
    fill(words, out) {
      const bytes = new Uint8Array(out);
      for (let i = 0; i < words.length; i++) {
        bytes[2 * i] = codes[words[i] & 0xffff];
        bytes[2 * i + 1] = codes[words[i] >>> 16];
      }
    },
  };
}

/** Two E2M1 codes a byte, all sixteen equally likely: a kurtosis of 2.8, for a bell a good likeness. */
export const FP4: Codes = {
  rms: rms(
    decodeArray(
      "E2M1",
      Uint8Array.from({ length: 16 }, (_, code) => code * 0x11),
    ),
  ),
  unit: { words: 1, bytes: 4 },
  fill: (words, out) => new Uint32Array(out).set(words),
};

/**
 * UE8M0 scales whose root mean square is `target`: exponents spread evenly over a range two wide, so over two or three neighbours.
 * With the range from k + f to k + f + 2 (f in [0, 1)) the mean square is 4^k (2.5 + 7.5 f).
 */
export function scales(target: number): Draw {
  let k = 0;
  let rest = (target * target) / 2.5;
  for (; rest < 1; k--) rest *= 4;
  for (; rest >= 4; k++) rest /= 4;
  const start = 127 + k + (rest - 1) / 3;
  return {
    unit: { words: 1, bytes: 1 },
    fill(words, out) {
      const bytes = new Uint8Array(out);
      for (let i = 0; i < words.length; i++) bytes[i] = start + words[i] / 2 ** 31;
    },
  };
}

export function float32(mean: number, deviation: number): Draw {
  const factor = deviation * UNIT;
  return {
    unit: { words: 1, bytes: 4 },
    fill(words, out) {
      const values = new Float32Array(out);
      for (let i = 0; i < words.length; i++) values[i] = mean + factor * triangle(words[i]);
    },
  };
}

/** Float32 cut to its upper half. */
export function bfloat16(mean: number, deviation: number): Draw {
  const factor = deviation * UNIT;
  return {
    unit: { words: 1, bytes: 2 },
    fill(words, out) {
      const [codes, value] = [new Uint16Array(out), new Float32Array(1)];
      const bits = new Uint32Array(value.buffer);
      for (let i = 0; i < words.length; i++) {
        value[0] = mean + factor * triangle(words[i]);
        codes[i] = bits[0] >>> 16;
      }
    },
  };
}

/** Rows of `width` different indices below `below`, every set equally likely (Floyd's sampling). */
export function distinctIndices(width: number, below: number): Draw {
  return {
    unit: { words: width, bytes: 8 * width },
    fill(words, out) {
      // An int64 by halves: every index is far below 2^32.
      const halves = new Uint32Array(out);
      const row = new Uint32Array(width);
      for (let at = 0; at < words.length; at += width) {
        for (let k = 0; k < width; k++) {
          const newest = below - width + k;
          const id = Math.floor((words[at + k] / 2 ** 32) * (newest + 1));
          const taken = row.subarray(0, k).includes(id);
          halves[2 * (at + k)] = row[k] = taken ? newest : id;
          halves[2 * (at + k) + 1] = 0;
        }
      }
    },
  };
}
