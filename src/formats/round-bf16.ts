const single = new Float32Array(1);
const word = new Uint32Array(single.buffer);

/**
 * Rounds a number to BF16, nearest even, the most frequent rounding of all. A double is rounded once: going through float32 could
 * only go wrong where that lands exactly half-way between two BF16 values without having been there, which is caught.
 * |x| >= 2^127 * (2 - 2^-8) becomes infinity; NaN stays NaN; subnormals and the sign of zero are kept.
 */
export function roundBF16(x: number): number {
  single[0] = x;
  const bits = word[0];
  const rest = bits & 0xffff;
  if (rest === 0x8000 && single[0] !== x && !Number.isNaN(x)) {
    // Not a tie: up in magnitude if float32 rounded it down to the half, else down.
    word[0] = Math.abs(x) > Math.abs(single[0]) ? bits + 0x8000 : bits - 0x8000;
    return single[0];
  }
  word[0] = !Number.isNaN(x) ? (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000 : 0x7fc00000;
  return single[0];
}
