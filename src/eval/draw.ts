/** Draws from a source of random numbers in [0, 1). */
export type Random = () => number;

/** A whole number from `least` to `most`, both included. */
export const between = (random: Random, least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
export const chance = (random: Random, probability: number): boolean => random() < probability;
export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = between(random, 0, i);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** `count` different members of a list. */
export const sample = <T>(random: Random, list: readonly T[], count: number): T[] => shuffled(random, list).slice(0, count);

/** A tuple of a list, or one whose parts come from different tuples. */
export const mixed = <T extends readonly string[]>(random: Random, list: readonly T[]): T =>
  pick(random, list).map((_, i) => pick(random, list)[i]) as unknown as T;

/** Draws until `accept` likes the result. For a rule that accepts nothing this would not end, hence a limit that none comes near. */
export function until<T>(draw: () => T, accept: (value: T) => boolean): T {
  for (let i = 0; i < 100_000; i++) {
    const value = draw();
    if (accept(value)) return value;
  }
  throw new RangeError("nothing that was drawn is acceptable");
}
