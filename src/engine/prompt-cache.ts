import type { SequenceState } from "../models/index.ts";
import type { Model } from "./model.ts";

interface Known {
  readonly state: SequenceState;
  readonly tokens: number[];
}

/**
 * What a session has already computed. A new prompt continues the live state if it starts with everything in it, else
 * the snapshot taken one token before the last answer began, else it starts over; the reason is told. Only whole states
 * are reused, never cut ones, so a resumed prompt gives exactly what a fresh one would.
 */
export class PromptCache {
  readonly #model: Model;
  #live: Known | undefined;
  #snapshot: Known | undefined;
  #invalid = "nothing was computed before";

  constructor(model: Model) {
    this.#model = model;
  }

  /** A state to continue, how many prompt tokens it already holds, and why not more. */
  resume(prompt: readonly number[]): { state: SequenceState; reused: number; miss?: string } {
    let miss = this.#invalid;
    for (const [name, known] of [
      ["live", this.#live],
      ["snapshot", this.#snapshot],
    ] as const) {
      if (!known) continue;
      const shared = known.tokens.findIndex((token, i) => token !== prompt[i]);
      // At least one prompt token must be left to compute: its logits start the answer.
      if (shared === -1 && known.tokens.length < prompt.length) {
        const taken = name === "live" ? known : this.#copy(known);
        this.#live = taken;
        return name === "live"
          ? { state: taken.state, reused: taken.tokens.length }
          : { state: taken.state, reused: taken.tokens.length, miss };
      }
      if (name === "live")
        miss =
          shared === -1
            ? "the prompt is not longer than what was computed"
            : `the prompt differs from token ${shared} on (history is rendered without its reasoning)`;
    }
    this.#live = { state: this.#model.newSequence(), tokens: [] };
    this.#snapshot = undefined;
    return { state: this.#live.state, reused: 0, miss };
  }

  /** The live state has grown by these tokens. */
  advanced(tokens: readonly number[]): void {
    this.#live?.tokens.push(...tokens);
  }

  keepSnapshot(): void {
    if (this.#live) this.#snapshot = this.#copy(this.#live);
  }

  invalidate(reason: string): void {
    this.#live = this.#snapshot = undefined;
    this.#invalid = reason;
  }

  #copy(known: Known): Known {
    return { state: this.#model.clone(known.state), tokens: [...known.tokens] };
  }
}
