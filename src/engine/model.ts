import type { Checkpoint } from "../checkpoint/index.ts";
import { TandemError } from "../errors.ts";
import {
  cloneSequence,
  forward,
  freeSequence,
  logits,
  newSequence,
  predictAhead,
  resolveWeight,
  type SequenceState,
  type Step,
  supportedConfig,
  type V4Config,
  type V4Weights,
  v4Weights,
} from "../models/index.ts";
import { type Ops, type Tensor, tokenRows } from "../ops/index.ts";

/** New tokens of one sequence, and which of their positions (relative to the first) need logits. */
export interface StepInput {
  readonly state: SequenceState;
  readonly tokens: readonly number[];
  readonly logitsAt: readonly number[];
  /** Where the first of them go, if not into an array of their own: half a megabyte a token is much to give up and take anew. */
  readonly into?: Float32Array;
}

/** A checkpoint loaded into an interpreter: sequences and steps, no text. */
export class Model {
  readonly config: V4Config;
  readonly ops: Ops;
  readonly #weights: V4Weights;

  private constructor(config: V4Config, ops: Ops, weights: V4Weights) {
    this.config = config;
    this.ops = ops;
    this.#weights = weights;
  }

  /** Finds and loads every weight; a missing or misshapen tensor is an error before anything is read. */
  static async load(checkpoint: Checkpoint, ops: Ops, onProgress?: (loaded: number, total: number) => void): Promise<Model> {
    const config = supportedConfig(checkpoint.config);
    const weights = v4Weights(config, (name, shape, storage, indexBelow) =>
      ops.weight(resolveWeight(checkpoint.tensors, name, shape, storage, config.weightBlock, indexBelow)),
    );
    await ops.ready(onProgress);
    return new Model(config, ops, weights);
  }

  newSequence(): SequenceState {
    return newSequence(this.ops, this.config);
  }

  clone(state: SequenceState): SequenceState {
    return cloneSequence(this.ops, this.config, state);
  }

  free(state: SequenceState): void {
    freeSequence(this.ops, this.config, state);
  }

  checkTokens(tokens: readonly number[]): void {
    const bad = tokens.find((t) => !Number.isInteger(t) || t < 0 || t >= this.config.vocabSize);
    if (bad !== undefined) throw new TandemError("model/bad-token", { token: bad, vocabulary: this.config.vocabSize });
  }

  /** One step for all inputs together; one list of logits per input, one entry per requested position. */
  async step(inputs: readonly StepInput[]): Promise<Float32Array[][]> {
    const { X, step } = this.#forward(inputs);
    const wanted = inputs.map((input, i) => input.logitsAt.map((at) => step.rows.segments[i]!.row + at));
    const rows = wanted.flat();
    if (rows.length === 0) {
      await this.ops.settled();
      return inputs.map(() => []);
    }
    const into = inputs.flatMap((input) => input.logitsAt.map((_, i) => (i === 0 ? input.into : undefined)));
    const all = await this.ops.read(logits(step, this.#weights, this.ops.take(X, Int32Array.from(rows))), into);
    let next = 0;
    return wanted.map((list) => list.map(() => all[next++]!));
  }

  /**
   * One step of one sequence with the multi-token-prediction block run along: `following[i]` is the token after
   * `tokens[i]`; rows without one get no prediction.
   */
  async stepAhead(
    state: SequenceState,
    tokens: readonly number[],
    following: readonly number[],
  ): Promise<{ logits: Float32Array[]; ahead: Float32Array[] }> {
    const start = state.length;
    const { X, step } = this.#forward([{ state, tokens, logitsAt: [] }]);
    const main = logits(step, this.#weights, X);
    if (following.length === 0) return { logits: await this.ops.read(main), ahead: [] };
    const known = this.ops.take(X, Int32Array.from(following.keys()));
    const after = { ...step, rows: tokenRows([start], [following.length]), tokens: Int32Array.from(following) };
    const ahead = predictAhead(after, this.#weights, [state], 0, known);
    const [now, next] = await Promise.all([this.ops.read(main), this.ops.read(ahead.logits)]);
    return { logits: now, ahead: next };
  }

  #forward(inputs: readonly StepInput[]): { X: Tensor; step: Step } {
    for (const input of inputs) this.checkTokens(input.tokens);
    const states = inputs.map((input) => input.state);
    const rows = tokenRows(
      states.map((s) => s.length),
      inputs.map((input) => input.tokens.length),
    );
    const tokens = Int32Array.from(inputs.flatMap((input) => input.tokens));
    const step = { ops: this.ops, config: this.config, rows, tokens };
    return { X: forward(step, this.#weights, states), step };
  }
}
