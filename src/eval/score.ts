/** 95 % of a normal distribution lie within so many standard deviations. */
const Z = 1.959964;

/**
 * The range of true rates that a count agrees with, at 95 % (Wilson's interval): unlike the usual ± it stays within 0 and 1 and says
 * something even when all or none are right.
 */
export function wilson(right: number, asked: number): readonly [low: number, high: number] {
  if (asked === 0) return [0, 1];
  const p = right / asked;
  const scale = 1 + Z ** 2 / asked;
  const middle = (p + Z ** 2 / (2 * asked)) / scale;
  const half = (Z / scale) * Math.sqrt((p * (1 - p)) / asked + Z ** 2 / (4 * asked ** 2));
  // The ends are exact, whatever the roots are rounded to.
  return [right === 0 ? 0 : middle - half, right === asked ? 1 : middle + half];
}
