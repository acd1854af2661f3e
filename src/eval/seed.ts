import { seededRandom } from "../engine/random.ts";
import type { Random } from "./draw.ts";

/** Random numbers for one example: of its own, so that any example can be made without those before it. */
export function randomFor(...parts: readonly (string | number)[]): Random {
  const text = parts.join("/");
  // Two hashes of 32 bits that differ in their start fill the seed's 53.
  const [low, high] = [0x811c9dc5, 0x01234567].map((start) => {
    let h = start;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    return (h ^ (h >>> 15)) >>> 0;
  });
  return seededRandom(low! + (high! % 2 ** 21) * 2 ** 32);
}
