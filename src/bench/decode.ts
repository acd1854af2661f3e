import type { Model } from "../engine/model.ts";
import type { SequenceState } from "../models/index.ts";
import { median } from "./median.ts";
import type { Random } from "./random-tokens.ts";
import type { DecodeRate } from "./report.ts";
import { cacheBytesPerToken } from "./touched.ts";

/** Tokens decoded at each context. */
export const STEPS = 96;
/** After so many steps the read rate is measured again. */
const BETWEEN = 16;
/** Steps after that measurement, and at the beginning, which do not count: caches are not those of decoding, and programs of new shapes are planned. */
const WARMING = { first: 8, again: 1 } as const;

/**
 * Decodes tokens until the sequence has `context`; median of the steps, as in an answer that has been going on for a while. `read` gives what
 * all threads read now, in GB/s: it is asked before, between and after, because a machine that others use too does not stay the same for seconds.
 */
export async function measureDecode(
  model: Model,
  state: SequenceState,
  random: Random,
  { context, weightBytes, read }: { readonly context: number; readonly weightBytes: number; readonly read: () => Promise<number[]> },
  check: () => void,
): Promise<DecodeRate> {
  const taken: number[] = [];
  const into = new Float32Array(model.config.vocabSize);
  const reads = await read();
  let warming: number = WARMING.first;
  let left = BETWEEN;
  while (state.length < context) {
    check();
    const start = performance.now();
    await model.step([{ state, tokens: random.tokens(1), logitsAt: [0], into }]);
    const ms = performance.now() - start;
    if (warming > 0 && context - state.length > 1) {
      warming--;
      continue;
    }
    taken.push(ms);
    if (--left > 0) continue;
    reads.push(...(await read()));
    left = BETWEEN;
    warming = WARMING.again;
  }
  const cacheBytes = cacheBytesPerToken(model.config, state, context);
  const tokensPerSecond = 1000 / median(taken);
  const bytesPerToken = weightBytes + cacheBytes;
  const readGbPerSecond = median(reads);
  const ratio = (tokensPerSecond * bytesPerToken) / (readGbPerSecond * 1e9);
  return { context, steps: taken.length, tokensPerSecond, bytesPerToken, weightBytes, cacheBytes, readGbPerSecond, ratio };
}
