import { Reference } from "../backends/reference/index.ts";
import type { Checkpoint } from "../checkpoint/index.ts";
import { Model } from "../engine/model.ts";
import { TandemError } from "../errors.ts";
import type { Numerics, Ops } from "../ops/index.ts";
import { type Distance, summarise } from "./distance.ts";
import { comparePosition, type PositionDistance } from "./position.ts";

export interface CompareOptions {
  /** Whether each token is what its predecessor should have predicted. False for tokens that are no text. Default true. */
  readonly targets?: boolean;
  /** Tokens per step; it decides the memory (two lists of logits per token of a step), not the result. Default 64. */
  readonly chunk?: number;
  /** Positions done, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CompareNumericsOptions extends CompareOptions {
  /** What computes, made for each of the two and closed in the end. Default: the reference interpreter. */
  readonly interpreter?: (numerics: Numerics) => Ops | Promise<Ops>;
}

/**
 * Distance of numerics `b` from `a` on one checkpoint, over all positions of some token sequences. Loads the model twice.
 * Errors: those of `Model.load`, `model/bad-token`, `engine/prompt-too-long`, `engine/bad-option`, `verify/not-comparable`.
 */
export async function compareNumerics(
  checkpoint: Checkpoint,
  sequences: readonly (readonly number[])[],
  a: Numerics,
  b: Numerics,
  { interpreter = (numerics) => new Reference(numerics), ...options }: CompareNumericsOptions = {},
): Promise<Distance> {
  const opened: Ops[] = [];
  const load = async (numerics: Numerics) => {
    const ops = await interpreter(numerics);
    opened.push(ops);
    return Model.load(checkpoint, ops);
  };
  try {
    return await compareModels(await load(a), await load(b), sequences, options);
  } finally {
    await Promise.all(opened.map((ops) => ops.close()));
  }
}

/** The same for two models already loaded. */
export async function compareModels(
  a: Model,
  b: Model,
  sequences: readonly (readonly number[])[],
  options: CompareOptions = {},
): Promise<Distance> {
  const total = sequences.reduce((sum, tokens) => sum + tokens.length, 0);
  const positions: PositionDistance[] = [];
  for (const tokens of sequences)
    for await (const position of comparePositions(a, b, tokens, options)) {
      positions.push(position);
      options.onProgress?.(positions.length, total);
    }
  return summarise(positions);
}

/** Position by position; no more than a chunk's logits are held at a time. */
export async function* comparePositions(
  a: Model,
  b: Model,
  tokens: readonly number[],
  { targets = true, chunk = 64 }: CompareOptions = {},
): AsyncGenerator<PositionDistance, void, undefined> {
  if (!(Number.isInteger(chunk) && chunk >= 1))
    throw new TandemError("engine/bad-option", { option: "chunk", value: chunk, expected: "a whole number from 1" });
  const context = Math.min(a.config.maxPositions, b.config.maxPositions);
  if (tokens.length > context) throw new TandemError("engine/prompt-too-long", { tokens: tokens.length, context });
  const states = [a.newSequence(), b.newSequence()] as const;
  for (let at = 0; at < tokens.length; at += chunk) {
    const part = tokens.slice(at, at + chunk);
    const logits = async (model: Model, state: (typeof states)[0]) =>
      (await model.step([{ state, tokens: part, logitsAt: [...part.keys()] }]))[0]!;
    const [of, by] = [await logits(a, states[0]), await logits(b, states[1])];
    for (const i of part.keys()) yield comparePosition(of[i]!, by[i]!, targets ? tokens[at + i + 1] : undefined);
  }
}
