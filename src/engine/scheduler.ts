import type { SequenceState } from "../models/index.ts";
import type { Model } from "./model.ts";

interface Request {
  readonly state: SequenceState;
  readonly tokens: readonly number[];
  readonly into: Float32Array | undefined;
  readonly resolve: (logits: Float32Array | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Lets timers, sockets and signals in. Node's setImmediate costs microseconds; a page only has setTimeout. */
const macrotask = (): Promise<void> => new Promise((r) => (typeof setImmediate === "function" ? setImmediate(r) : setTimeout(r, 0)));

/**
 * Steps of all sessions that are waiting at the same moment run as one batch, so that each weight is read once for all
 * of them. There is no queue discipline beyond that: a session has at most one step under way, long prompts come in
 * chunks, and between two steps everyone who is ready joins.
 */
export class Scheduler {
  readonly #model: Model;
  #waiting: Request[] = [];
  #running = false;
  /** Steps run and sequences stepped: their ratio is the mean batch size. */
  readonly counts = { steps: 0, sequences: 0 };

  constructor(model: Model) {
    this.#model = model;
  }

  /** Appends tokens to a sequence; with `into`, the logits of the last one, there. Tokens are checked by the caller, so one request cannot fail another. */
  step(state: SequenceState, tokens: readonly number[], into?: Float32Array): Promise<Float32Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ state, tokens, into, resolve, reject });
      if (!this.#running) this.#run();
    });
  }

  /** Resolves when no step is under way or waiting. */
  async idle(): Promise<void> {
    while (this.#running) await macrotask();
  }

  async #run(): Promise<void> {
    this.#running = true;
    // The pause also lets the sessions just served ask for their next step, so that they meet in one batch again.
    await macrotask();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      this.counts.steps++;
      this.counts.sequences += batch.length;
      try {
        const results = await this.#model.step(
          batch.map(({ state, tokens, into }) => ({
            state,
            tokens,
            ...(into ? { logitsAt: [tokens.length - 1], into } : { logitsAt: [] }),
          })),
        );
        for (const [i, request] of batch.entries()) request.resolve(results[i]![0]);
      } catch (error) {
        for (const request of batch) request.reject(error);
      }
      await macrotask();
    }
    this.#running = false;
  }
}
