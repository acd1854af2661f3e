import type { SequenceState } from "../models/index.ts";
import type { Model } from "./model.ts";

const NOTHING = "nothing was computed before";
const OPENING = "only what all conversations begin with was computed before";

/** A computed state and the tokens it holds. */
export interface Known {
  readonly state: SequenceState;
  readonly tokens: number[];
}

/**
 * What a session has already computed. A new prompt continues the live state if it starts with everything in it, else
 * the snapshot taken one token before the last answer began, else it starts over, from the opening of all conversations if
 * the engine has that; the reason is told. Only whole states
 * are reused, never cut ones, so a resumed prompt gives exactly what a fresh one would.
 */
export class PromptCache {
  readonly #model: Model;
  readonly #opening: Known | undefined;
  #live: Known | undefined;
  #snapshot: Known | undefined;
  #invalid = NOTHING;

  constructor(model: Model, opening?: Known) {
    this.#model = model;
    this.#opening = opening;
  }

  /** A state to continue, how many prompt tokens it already holds, and why not more. */
  resume(prompt: readonly number[]): { state: SequenceState; reused: number; miss?: string } {
    if (this.#live && continues(prompt, this.#live.tokens)) return { state: this.#live.state, reused: this.#live.tokens.length };
    let miss = this.#live ? missReason(prompt, this.#live.tokens) : this.#invalid;
    this.#drop(this.#live);
    if (this.#snapshot && continues(prompt, this.#snapshot.tokens)) this.#live = this.#copy(this.#snapshot);
    else {
      this.#drop(this.#snapshot);
      this.#snapshot = undefined;
      const begun = this.#opening && continues(prompt, this.#opening.tokens);
      if (begun && miss === NOTHING) miss = OPENING;
      this.#live = begun ? this.#copy(this.#opening) : { state: this.#model.newSequence(), tokens: [] };
    }
    return { state: this.#live.state, reused: this.#live.tokens.length, miss };
  }

  /** The live state has grown by these tokens. */
  advanced(tokens: readonly number[]): void {
    this.#live?.tokens.push(...tokens);
  }

  keepSnapshot(): void {
    this.#drop(this.#snapshot);
    if (this.#live) this.#snapshot = this.#copy(this.#live);
  }

  invalidate(reason: string): void {
    this.#drop(this.#live);
    this.#drop(this.#snapshot);
    this.#live = this.#snapshot = undefined;
    this.#invalid = reason;
  }

  #drop(known: Known | undefined): void {
    if (known) this.#model.free(known.state);
  }

  #copy(known: Known): Known {
    return { state: this.#model.clone(known.state), tokens: [...known.tokens] };
  }
}

const firstDifference = (prompt: readonly number[], known: readonly number[]) => known.findIndex((token, i) => token !== prompt[i]);

/** At least one prompt token must be left to compute: its logits start the answer. */
const continues = (prompt: readonly number[], known: readonly number[]) =>
  known.length < prompt.length && firstDifference(prompt, known) === -1;

function missReason(prompt: readonly number[], known: readonly number[]): string {
  const at = firstDifference(prompt, known);
  return at === -1 || at >= prompt.length
    ? "the prompt is not longer than what was computed"
    : `the prompt differs from what was computed from token ${at} on`;
}
