import { TandemError } from "../errors.ts";

/** How the next token is drawn. */
export interface SamplingOptions {
  /** 0 takes the most likely token. */
  readonly temperature?: number;
  /** Keeps the smallest set of tokens whose probabilities reach this sum. */
  readonly topP?: number;
  /** Drops tokens below this fraction of the most likely one's probability. */
  readonly minP?: number;
  /** Same seed, same tokens. Default: random. */
  readonly seed?: number;
  /** Added to the logits of these token ids; -Infinity bans a token. */
  readonly logitBias?: ReadonlyMap<number, number>;
}

const RANGES = { temperature: [0, 100], topP: [0, 1], minP: [0, 1], seed: [0, Number.MAX_SAFE_INTEGER] } as const;

/** Refuses what cannot be honoured. */
export function checkSampling(options: SamplingOptions, vocabulary: number): void {
  for (const [name, [min, max]] of Object.entries(RANGES)) {
    const value = options[name as keyof typeof RANGES];
    if (value !== undefined && !(value >= min && value <= max))
      throw new TandemError("engine/bad-option", { option: name, value, expected: `${min} to ${max}` });
  }
  if (options.topP === 0) throw new TandemError("engine/bad-option", { option: "topP", value: 0, expected: "more than 0" });
  if (options.seed !== undefined && !Number.isInteger(options.seed))
    throw new TandemError("engine/bad-option", { option: "seed", value: options.seed, expected: "an integer" });
  for (const [id, bias] of options.logitBias ?? [])
    if (!Number.isInteger(id) || id < 0 || id >= vocabulary || Number.isNaN(bias))
      throw new TandemError("engine/bad-option", {
        option: "logitBias",
        value: `${id}: ${bias}`,
        expected: `ids below ${vocabulary} and numbers`,
      });
}

/** Index of the largest value; ties go to the lower index. */
export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/**
 * One token from logits, which are not changed. Order: bias, temperature, min-p, top-p, draw. Tokens of equal
 * probability stand in order of their ids, so a draw depends on nothing but logits, options and `random`.
 */
export function sample(logits: Float32Array, options: SamplingOptions, random: () => number): number {
  const { temperature = 1, topP = 1, minP = 0, logitBias } = options;
  if (logitBias?.size) {
    logits = logits.slice();
    for (const [id, bias] of logitBias) logits[id]! += bias;
  }
  const best = argmax(logits);
  const max = logits[best]!;
  if (temperature === 0 || !Number.isFinite(max)) return best;
  let candidates: { id: number; p: number }[] = [];
  for (let id = 0; id < logits.length; id++) {
    const p = Math.exp((logits[id]! - max) / temperature);
    if (p >= minP && p > 0) candidates.push({ id, p });
  }
  let total = candidates.reduce((sum, c) => sum + c.p, 0);
  if (topP < 1) {
    candidates.sort((a, b) => b.p - a.p || a.id - b.id);
    let kept = 0;
    let sum = 0;
    while (kept < candidates.length && sum < topP * total) sum += candidates[kept++]!.p;
    candidates = candidates.slice(0, kept);
    total = sum;
  }
  let left = random() * total;
  for (const { id, p } of candidates) if ((left -= p) < 0) return id;
  return candidates.at(-1)!.id;
}
