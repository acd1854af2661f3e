import { fnv1a } from "./fnv1a.ts";

/** Whether Minnow's training never sees this pair of operands, in any order, operation or wording: `held_out` of models/minnow/training/data.py. */
export function heldOut(a: number, b: number): boolean {
  const h = fnv1a(`${Math.min(a, b)},${Math.max(a, b)}`);
  return ((h ^ (h >>> 15)) >>> 0) % 10 === 0;
}
