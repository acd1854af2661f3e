import { TandemError } from "../errors.ts";
import type { PositionDistance } from "./position.ts";

/** How far numerics b lies from a, over many positions. Plain data; nats where `PositionDistance` has nats. */
export interface Distance {
  readonly positions: number;
  /** KL(a‖b) per position. */
  readonly kl: { readonly mean: number; readonly median: number; readonly p99: number; readonly max: number };
  /** Part of the positions at which the likeliest token is the same. */
  readonly sameTop: number;
  readonly largestLogitDifference: number;
  /** Mean of log p_b − log p_a of the token that came next, over the positions where it is known: b's perplexity is a's times exp(−this). */
  readonly logLikelihood?: { readonly positions: number; readonly mean: number };
  /** Mean entropy of a. Beside the logarithm of the vocabulary's size it tells how flat the predictions are that were compared. */
  readonly entropy: number;
}

/** @throws TandemError `verify/not-comparable` if there is no position */
export function summarise(positions: readonly PositionDistance[]): Distance {
  if (positions.length === 0) throw new TandemError("verify/not-comparable", { reason: "there is no position to compare" });
  const kl = Float64Array.from(positions, (p) => p.kl).sort();
  const likelihoods = positions.flatMap(({ logLikelihood }) => (logLikelihood === undefined ? [] : [logLikelihood]));
  return {
    positions: positions.length,
    kl: { mean: mean(kl), median: quantile(kl, 0.5), p99: quantile(kl, 0.99), max: kl.at(-1)! },
    sameTop: mean(positions.map(({ sameTop }) => Number(sameTop))),
    largestLogitDifference: positions.reduce((most, p) => Math.max(most, p.logitDifference), 0),
    ...(likelihoods.length > 0 && { logLikelihood: { positions: likelihoods.length, mean: mean(likelihoods) } }),
    entropy: mean(positions.map(({ entropy }) => entropy)),
  };
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

/** Of ascending values, none of them NaN; between two of them, the straight line. `q` in 0…1. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}
