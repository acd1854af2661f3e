import type { Cpu } from "../backends/cpu/index.ts";
import type { Model } from "../engine/model.ts";
import type { SequenceState } from "../models/index.ts";
import { measureDecode, STEPS } from "./decode.ts";
import { measurePrefill } from "./prefill.ts";
import { profileDecode } from "./profile.ts";
import { Random } from "./random-tokens.ts";
import type { DecodeRate, PrefillRate, Skipped, StepProfile } from "./report.ts";

/** What a run asks and tells while it goes on. */
export interface Hooks {
  /** Throws if the run shall end. */
  readonly check: () => void;
  readonly onProgress: (what: string, done: number, total: number) => void;
  /** GB/s of reading with all threads, now. */
  readonly read: () => Promise<number[]>;
}

export interface ModelEffort {
  readonly prefillRounds: number;
  /** Reaching a context may take so long. */
  readonly patienceMs: number;
}

/** A session's own step, and that of `tandem logits`. */
const CHUNKS = [128, 512] as const;

/** The measurements on a loaded model. One sequence grows from context to context. */
export class ModelRun {
  readonly prefill: PrefillRate[] = [];
  readonly decode: DecodeRate[] = [];
  readonly skipped: Skipped[] = [];
  profile: StepProfile | undefined;
  state: SequenceState;
  readonly #model: Model;
  readonly #cpu: Cpu;
  readonly #effort: ModelEffort;
  readonly #hooks: Hooks;
  readonly #random: Random;
  /** Milliseconds a token took when last measured. */
  #pace = 0;

  constructor(model: Model, cpu: Cpu, effort: ModelEffort, hooks: Hooks) {
    this.#model = model;
    this.#cpu = cpu;
    this.#effort = effort;
    this.#hooks = hooks;
    this.#random = new Random(model.config.vocabSize);
    this.state = model.newSequence();
  }

  async prefillOf(tokens: number): Promise<void> {
    if (tokens > this.#model.config.maxPositions) return this.#skip("prefill", tokens, this.#tooLong());
    for (const [i, chunk] of CHUNKS.entries()) {
      // A chunk that holds the whole prompt is the same as any other that does.
      if (i > 0 && tokens <= CHUNKS[i - 1]!) break;
      this.#hooks.onProgress(`reading ${tokens} tokens`, i, CHUNKS.length);
      const rate = await measurePrefill(
        this.#model,
        this.#random,
        { tokens, chunk, rounds: this.#effort.prefillRounds },
        this.#hooks.check,
      );
      this.prefill.push(rate);
      this.#pace = 1000 / rate.tokensPerSecond;
    }
  }

  async decodeAt(context: number, weightBytes: number): Promise<void> {
    if (context > this.#model.config.maxPositions) return this.#skip("decode", context, this.#tooLong());
    const reason = await this.#reach(Math.max(1, context - STEPS));
    if (reason !== undefined) return this.#skip("decode", context, reason);
    this.#hooks.onProgress(`decoding at ${context}`, 0, 1);
    const { check, read } = this.#hooks;
    this.decode.push(await measureDecode(this.#model, this.state, this.#random, { context, weightBytes, read }, check));
  }

  async profileStep(): Promise<void> {
    this.#hooks.onProgress("tracing steps", 0, 1);
    this.profile = await profileDecode(this.#model, this.#cpu, this.state, this.#random, this.#hooks.check);
  }

  /** Lets the sequence grow to `length` tokens; a reason if that would take too long. One that is too long already is begun anew. */
  async #reach(length: number): Promise<string | undefined> {
    if (this.state.length > length) {
      this.#model.free(this.state);
      this.state = this.#model.newSequence();
    }
    const from = this.state.length;
    const { patienceMs } = this.#effort;
    let left = patienceMs;
    const chunk = CHUNKS.at(-1)!;
    while (this.state.length < length) {
      this.#hooks.check();
      const needed = (length - this.state.length) * this.#pace;
      if (needed > left)
        return `reaching it would take about ${seconds(patienceMs - left + needed)}, more than the ${seconds(patienceMs)} allowed`;
      this.#hooks.onProgress(`reaching ${length}`, this.state.length - from, length - from);
      const start = performance.now();
      const tokens = this.#random.tokens(Math.min(chunk, length - this.state.length));
      await this.#model.step([{ state: this.state, tokens, logitsAt: [] }]);
      const taken = performance.now() - start;
      left -= taken;
      // A few tokens take nearly as long as a whole step of them.
      if (tokens.length === chunk) this.#pace = taken / chunk;
    }
    return undefined;
  }

  #tooLong = () => `the model was made for ${this.#model.config.maxPositions} tokens`;

  #skip(what: Skipped["what"], tokens: number, reason: string): void {
    this.skipped.push({ what, tokens, reason });
  }
}

const seconds = (ms: number) => (ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`);
