import { TandemError } from "../errors.ts";

/** How far two predictions of one position lie apart. Entropies, divergences and log-likelihoods in nats. */
export interface PositionDistance {
  /** KL(a‖b): what is lost when b stands in for a. 0 only if both predict the same. */
  readonly kl: number;
  /** Entropy of a: its logarithm of the vocabulary's size means that a knows nothing. */
  readonly entropy: number;
  /** Whether both find the same token likeliest; of equal logits the lowest id counts. */
  readonly sameTop: boolean;
  /** Largest absolute difference of a logit. */
  readonly logitDifference: number;
  /** log p_b(target) − log p_a(target), where the target is known. */
  readonly logLikelihood?: number;
}

/**
 * Compares the logits of one position. In float64, and by differences: two predictions that agree to the bit are exactly 0 apart, and KL is
 * good to 1e-14.
 * @param target id of the token that really came next
 * @throws TandemError `verify/not-comparable` for a logit that is no finite number, vocabularies of different sizes, a target outside
 */
export function comparePosition(a: Float32Array, b: Float32Array, target?: number): PositionDistance {
  if (a.length !== b.length || a.length === 0) refuse(`vocabularies of ${a.length} and ${b.length} tokens`);
  if (target !== undefined && !(target in a)) refuse(`token ${target} is outside the vocabulary of ${a.length}`);
  const [A, B] = [normaliser(a), normaliser(b)];
  const shift = A.logSum - B.logSum;
  let [kl, entropy, logitDifference] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const logP = a[i]! - A.logSum;
    const p = Math.exp(logP);
    const difference = a[i]! - b[i]!;
    kl += p * (difference - shift);
    entropy -= p * logP;
    logitDifference = Math.max(logitDifference, Math.abs(difference));
  }
  return {
    // Never negative but for rounding.
    kl: Math.max(kl, 0),
    entropy,
    sameTop: A.top === B.top,
    logitDifference,
    ...(target !== undefined && { logLikelihood: b[target]! - a[target]! + shift }),
  };
}

/** log Σ exp, and the id of the largest logit. */
function normaliser(logits: Float32Array): { logSum: number; top: number } {
  let top = 0;
  for (let i = 0; i < logits.length; i++) {
    if (!Number.isFinite(logits[i]!)) refuse(`logit ${i} is ${logits[i]}`);
    if (logits[i]! > logits[top]!) top = i;
  }
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - logits[top]!);
  return { logSum: logits[top]! + Math.log(sum), top };
}

function refuse(reason: string): never {
  throw new TandemError("verify/not-comparable", { reason });
}
