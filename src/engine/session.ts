import { TandemError } from "../errors.ts";
import type { SequenceState } from "../models/index.ts";
import { type Message, StreamDecoder } from "../text/index.ts";
import { Answer, type Ending } from "./answer.ts";
import type { AnswerOptions, SessionEvent } from "./events.ts";
import { checkOpen, type LoadedEngine } from "./loaded-engine.ts";
import { PromptCache } from "./prompt-cache.ts";
import { seededRandom } from "./random.ts";
import { checkSampling, sample } from "./sampling.ts";

/** Prompt tokens per step when the caller does not say: long enough to share weight reads, short enough to stay responsive. */
const DEFAULT_CHUNK = 128;

/** One growing conversation with an engine. Sessions of one engine answer at the same time and share each step. */
export class Session {
  readonly #engine: LoadedEngine;
  readonly #cache: PromptCache;
  /** Of the latest token. */
  readonly #logits: Float32Array;
  #messages: Message[] = [];
  #busy = false;

  constructor(engine: LoadedEngine) {
    this.#engine = engine;
    this.#cache = new PromptCache(engine.model, engine.opening);
    this.#logits = new Float32Array(engine.model.config.vocabSize);
  }

  /** The conversation so far; answers join it when they finish, cancelled ones included. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** Starts the conversation anew, or from given messages. */
  reset(messages: readonly Message[] = []): void {
    if (this.#busy) throw new TandemError("engine/busy");
    this.#messages = [...messages];
  }

  /** Adds a user message (or several messages) and streams the answer. If the prompt is refused, the conversation stays as it was. */
  async *send(input: string | Message | readonly Message[], options: AnswerOptions = {}): AsyncGenerator<SessionEvent, void, undefined> {
    if (this.#busy) throw new TandemError("engine/busy");
    const added =
      typeof input === "string" ? [{ role: "user", content: input } as const] : Array.isArray(input) ? input : [input as Message];
    const messages = [...this.#messages, ...added];
    this.#busy = true;
    try {
      for await (const event of this.#answer(messages, options)) {
        if (event.type === "finish") this.#messages = [...messages, event.message];
        yield event;
      }
    } finally {
      this.#busy = false;
    }
  }

  async *#answer(messages: readonly Message[], options: AnswerOptions): AsyncGenerator<SessionEvent, void, undefined> {
    checkOpen(this.#engine);
    const { model, scheduler, text, unused, defaults, context, closing } = this.#engine;
    const cancelled = () => options.signal?.aborted || closing.aborted;
    if (!text) throw new TandemError("engine/no-tokenizer", { location: this.#engine.location });
    const sampling = { ...defaults, ...withoutUndefined(options) };
    checkSampling(sampling, model.config.vocabSize);
    checkCount("maxTokens", options.maxTokens);
    checkCount("chunk", options.chunk);

    const rendered = text.dialect.render(messages, { thinking: true, ...withoutUndefined(options) });
    const prompt = text.tokenizer.encodeSegments(rendered.segments);
    model.checkTokens(prompt);
    if (prompt.length >= context) throw new TandemError("engine/prompt-too-long", { tokens: prompt.length, context });
    const limit = Math.min(options.maxTokens ?? context, context - prompt.length);

    const { state, reused, miss } = this.#cache.resume(prompt);
    const answer = new Answer(
      text.dialect.parser(rendered.startsIn, {
        continues: rendered.continues,
        ...(options.tools && { tools: options.tools }),
        ...(options.stop && { stop: options.stop }),
      }),
    );
    const chunk = options.chunk ?? DEFAULT_CHUNK;
    let logits: Float32Array | undefined;
    for (let at = reused; at < prompt.length; ) {
      if (cancelled()) break;
      // The last token alone, so that the state before it can be kept: thinking turns are rendered differently later.
      const end = at === prompt.length - 1 ? prompt.length : Math.min(at + chunk, prompt.length - 1);
      logits = await this.#advance(state, prompt.slice(at, end), end === prompt.length, scheduler);
      at = end;
      if (at === prompt.length - 1) this.#cache.keepSnapshot();
      if (at < prompt.length) yield { type: "prefill", done: at, total: prompt.length };
    }

    const random = seededRandom(sampling.seed ?? Math.floor(Math.random() * 2 ** 32));
    const decoder = new StreamDecoder(text.tokenizer);
    let ended: Ending = "length";
    while (logits && answer.tokens < limit) {
      if (cancelled()) break;
      for (const id of unused) logits[id] = Number.NEGATIVE_INFINITY;
      const token = sample(logits, sampling, random);
      answer.tokens++;
      if (text.stops.has(token)) {
        ended = "stop";
        break;
      }
      yield* answer.take(decoder.push(token));
      if (answer.complete) {
        ended = "stop";
        break;
      }
      // The last allowed token needs no successor, but belongs to the state, so that the conversation can go on from it.
      logits = await this.#advance(state, [token], answer.tokens < limit, scheduler);
    }
    yield* answer.finish(decoder.flush());
    yield {
      type: "finish",
      reason: answer.reason(cancelled() ? "cancelled" : ended),
      usage: {
        promptTokens: prompt.length,
        cachedTokens: reused,
        ...(miss && { cacheMiss: miss }),
        completionTokens: answer.tokens,
        reasoningTokens: answer.reasoningTokens,
      },
      message: answer.message(),
    };
  }

  async #advance(
    state: SequenceState,
    tokens: readonly number[],
    wantsLogits: boolean,
    scheduler: LoadedEngine["scheduler"],
  ): Promise<Float32Array | undefined> {
    try {
      const logits = await scheduler.step(state, tokens, wantsLogits ? this.#logits : undefined);
      this.#cache.advanced(tokens);
      return logits;
    } catch (error) {
      this.#cache.invalidate("the last step failed");
      throw error;
    }
  }
}

function checkCount(option: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1))
    throw new TandemError("engine/bad-option", { option, value, expected: "a whole number from 1" });
}

const withoutUndefined = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as T;
