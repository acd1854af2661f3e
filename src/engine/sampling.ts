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
  const candidates = possible(logits, max, temperature, minP);
  if (topP < 1) return drawFromTop(candidates, topP, random);
  let left = random() * candidates.total;
  for (let i = 0; i < candidates.count; i++) if ((left -= candidates.p[i]!) < 0) return candidates.ids[i]!;
  return candidates.ids[candidates.count - 1]!;
}

/** Tokens that may be drawn, by ascending id, with their probability relative to the likeliest. */
interface Candidates {
  readonly ids: Int32Array;
  readonly p: Float64Array;
  readonly count: number;
  readonly total: number;
}

/** Kept from token to token: a vocabulary of 129,280 would otherwise be 1.5 MB of garbage each time. */
let scratch = { ids: new Int32Array(0), p: new Float64Array(0) };

function possible(logits: Float32Array, max: number, temperature: number, minP: number): Candidates {
  if (scratch.ids.length < logits.length) scratch = { ids: new Int32Array(logits.length), p: new Float64Array(logits.length) };
  const { ids, p: all } = scratch;
  let count = 0;
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    const p = Math.exp((logits[id]! - max) / temperature);
    if (!(p >= minP && p > 0)) continue;
    ids[count] = id;
    all[count++] = p;
    total += p;
  }
  return { ids, p: all, count, total };
}

/**
 * Draws from the likeliest tokens that reach `topP` of all probability. They are few as a rule, so only those above a cut are sorted,
 * and the cut is lowered until they suffice.
 */
function drawFromTop({ ids, p, count, total }: Candidates, topP: number, random: () => number): number {
  for (let cut = 2 ** -6; ; cut *= 2 ** -6) {
    const likely: number[] = [];
    for (let i = 0; i < count; i++) if (p[i]! >= cut) likely.push(i);
    likely.sort((a, b) => p[b]! - p[a]! || a - b);
    let kept = 0;
    let sum = 0;
    while (kept < likely.length && sum < topP * total) sum += p[likely[kept++]!]!;
    if (sum < topP * total && likely.length < count) continue;
    let left = random() * sum;
    for (let k = 0; k < kept; k++) if ((left -= p[likely[k]!]!) < 0) return ids[likely[k]!]!;
    return ids[likely[kept - 1]!]!;
  }
}
