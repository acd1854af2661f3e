/**
 * Looking into a double without allocating. All hosts of JavaScript engines we know of are little-endian,
 * so word 1 holds sign, exponent and the top of the mantissa.
 */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** floor(log2(x)) for x > 0, exact; 1024 for Infinity, -1075 for 0 (below every exponent a double has). */
export function floorLog2(x: number): number {
  double[0] = x;
  const field = (words[1] >>> 20) & 0x7ff;
  if (field !== 0) return field - 1023;
  if (x === 0) return -1075;
  double[0] = x * 4503599627370496; // 2^52, enough to make every subnormal normal
  return ((words[1] >>> 20) & 0x7ff) - 1023 - 52;
}

/** 2^n for -1022 <= n <= 1023, exact. `2 ** n` is not guaranteed to be. */
export function pow2(n: number): number {
  words[0] = 0;
  words[1] = (n + 1023) << 20;
  return double[0];
}
