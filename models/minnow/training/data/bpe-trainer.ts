import { BYTE_TO_CHAR } from "../../../../src/text/byte-alphabet.ts";

/**
 * Byte pair encoding learned from pieces of text and how often each occurs: again and again the pair of neighbours that occurs most often
 * becomes one entry; ties go to the pair that is first in code point order. Returns the merges in that order, in the byte alphabet.
 */
export function learnMerges(pieces: ReadonlyMap<string, number>, count: number): [left: string, right: string][] {
  const words = [...pieces].map(([piece, often]) => ({
    often,
    parts: [...new TextEncoder().encode(piece)].map((byte) => BYTE_TO_CHAR[byte]!),
  }));
  const counts = new Map<string, number>();
  const holders = new Map<string, Set<number>>();
  const note = (w: number, sign: 1 | -1) => {
    const { often, parts } = words[w]!;
    for (let i = 1; i < parts.length; i++) {
      const pair = `${parts[i - 1]} ${parts[i]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + sign * often);
      if (sign > 0) holders.set(pair, (holders.get(pair) ?? new Set()).add(w));
    }
  };
  for (const w of words.keys()) note(w, 1);

  const merges: [string, string][] = [];
  while (merges.length < count) {
    let [best, most] = ["", 0];
    for (const [pair, n] of counts) if (n > most || (n === most && n > 0 && pair < best)) [best, most] = [pair, n];
    if (most === 0) break;
    const [left, right] = best.split(" ") as [string, string];
    merges.push([left, right]);
    for (const w of holders.get(best)!) {
      note(w, -1);
      const { parts } = words[w]!;
      for (let i = 0; i + 1 < parts.length; i++) if (parts[i] === left && parts[i + 1] === right) parts.splice(i, 2, left + right);
      note(w, 1);
    }
    counts.delete(best);
  }
  return merges;
}
