import { TandemError } from "../errors.ts";
import type { Model } from "./model.ts";

export interface LogitsOptions {
  /** Positions wanted; default: all. */
  readonly positions?: readonly number[];
  /** Tokens per step; default: all at once, at most 512. Any value gives the same numbers. */
  readonly chunk?: number;
  /** Also the multi-token-prediction block: at position p, from the state at p and the token at p + 1. */
  readonly mtp?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface PositionLogits {
  readonly position: number;
  /** Whole vocabulary. */
  readonly logits: Float32Array;
}

export interface LogitsResult {
  readonly positions: readonly PositionLogits[];
  readonly mtp?: readonly PositionLogits[];
}

/** Runs tokens through a fresh sequence and keeps the logits asked for. */
export async function allLogits(
  model: Model,
  tokens: readonly number[],
  options: LogitsOptions & { readonly context: number },
): Promise<LogitsResult> {
  const { positions, chunk = 512, mtp = false, context } = options;
  if (tokens.length === 0)
    throw new TandemError("engine/bad-option", { option: "tokens", value: "empty", expected: "at least one token id" });
  if (tokens.length > context) throw new TandemError("engine/prompt-too-long", { tokens: tokens.length, context });
  if (!(Number.isInteger(chunk) && chunk >= 1))
    throw new TandemError("engine/bad-option", { option: "chunk", value: chunk, expected: "a whole number from 1" });
  if (mtp && model.config.mtpBlocks === 0) throw new TandemError("engine/no-mtp");
  for (const p of positions ?? [])
    if (!(Number.isInteger(p) && p >= 0 && p < tokens.length))
      throw new TandemError("engine/bad-option", { option: "positions", value: p, expected: `0 to ${tokens.length - 1}` });
  model.checkTokens(tokens);

  const wanted = new Set(positions ?? tokens.keys());
  const main: PositionLogits[] = [];
  const ahead: PositionLogits[] = [];
  const state = model.newSequence();
  for (let at = 0; at < tokens.length; at += chunk) {
    const part = tokens.slice(at, at + chunk);
    const keep = (rows: readonly Float32Array[], into: PositionLogits[]) => {
      for (const [i, logits] of rows.entries()) if (wanted.has(at + i)) into.push({ position: at + i, logits: logits.slice() });
    };
    if (mtp) {
      const step = await model.stepAhead(state, part, tokens.slice(at + 1, at + chunk + 1));
      keep(step.logits, main);
      keep(step.ahead, ahead);
    } else {
      const logitsAt = [...part.keys()].filter((i) => wanted.has(at + i));
      const [rows] = await model.step([{ state, tokens: part, logitsAt }]);
      for (const [i, row] of logitsAt.entries()) main.push({ position: at + row, logits: rows![i]!.slice() });
    }
    options.onProgress?.(Math.min(at + chunk, tokens.length), tokens.length);
  }
  model.free(state);
  return mtp ? { positions: main, mtp: ahead } : { positions: main };
}
