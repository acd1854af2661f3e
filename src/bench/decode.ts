import type { Model } from "../engine/model.ts";
import type { SequenceState } from "../models/index.ts";
import { median } from "./median.ts";
import type { Random } from "./random-tokens.ts";
import type { DecodeRate } from "./report.ts";
import { cacheBytesPerToken } from "./touched.ts";

/** Tokens decoded at each context. */
export const STEPS = 24;
/** Between so many steps the read rate is measured again. */
const BETWEEN = 6;

/**
 * Decodes tokens until the sequence has `context`; median of the steps. `read` gives what all threads read now, in GB/s: it is
 * asked before, between and after, because a machine that others use too does not stay the same for seconds.
 */
export async function measureDecode(
  model: Model,
  state: SequenceState,
  random: Random,
  { context, weightBytes, read }: { readonly context: number; readonly weightBytes: number; readonly read: () => Promise<number[]> },
  check: () => void,
): Promise<DecodeRate> {
  const taken: number[] = [];
  const reads = await read();
  while (state.length < context) {
    check();
    const start = performance.now();
    await model.step([{ state, tokens: random.tokens(1), logitsAt: [0] }]);
    taken.push(performance.now() - start);
    if (taken.length % BETWEEN === 0) reads.push(...(await read()));
  }
  const cacheBytes = cacheBytesPerToken(model.config, state, context);
  const tokensPerSecond = 1000 / median(taken);
  const bytesPerToken = weightBytes + cacheBytes;
  const readGbPerSecond = median(reads);
  const ratio = (tokensPerSecond * bytesPerToken) / (readGbPerSecond * 1e9);
  return { context, steps: taken.length, tokensPerSecond, bytesPerToken, weightBytes, cacheBytes, readGbPerSecond, ratio };
}
