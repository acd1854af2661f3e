import type { Model } from "../engine/model.ts";
import { median } from "./median.ts";
import type { Random } from "./random-tokens.ts";
import type { PrefillRate } from "./report.ts";

/** A run this long is not repeated. */
const LONG_MS = 20_000;

/** Reads `tokens` tokens in steps of `chunk` into a fresh sequence, logits for the last one; median of `rounds`. */
export async function measurePrefill(
  model: Model,
  random: Random,
  { tokens, chunk, rounds }: { readonly tokens: number; readonly chunk: number; readonly rounds: number },
  check: () => void,
): Promise<PrefillRate> {
  const taken: number[] = [];
  while (taken.length < rounds && (taken.at(-1) ?? 0) < LONG_MS) {
    const state = model.newSequence();
    const prompt = random.tokens(tokens);
    const start = performance.now();
    for (let at = 0; at < tokens; at += chunk) {
      check();
      const part = prompt.slice(at, at + chunk);
      await model.step([{ state, tokens: part, logitsAt: at + chunk < tokens ? [] : [part.length - 1] }]);
    }
    taken.push(performance.now() - start);
    model.free(state);
  }
  return { tokens, chunk, tokensPerSecond: (1000 * tokens) / median(taken) };
}
