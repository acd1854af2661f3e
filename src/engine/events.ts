import type { Message, ParserEvent, RenderOptions } from "../text/index.ts";
import type { SamplingOptions } from "./sampling.ts";

/** Why an answer ended. `length`: the token limit or the context was reached. */
export type FinishReason = "stop" | "stop-string" | "tool-calls" | "length" | "cancelled";

export interface Usage {
  /** Tokens of the rendered prompt, of which `cachedTokens` were computed before. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** Why not more of the prompt could be reused. */
  readonly cacheMiss?: string;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
}

/** What an answer is made of, in the order it happens. */
export type SessionEvent =
  | { readonly type: "prefill"; readonly done: number; readonly total: number }
  | Exclude<ParserEvent, { readonly type: "stop" }>
  | { readonly type: "finish"; readonly reason: FinishReason; readonly usage: Usage; readonly message: Message };

/** How to answer. Everything is honoured or refused with an error, never ignored. */
export interface AnswerOptions extends Partial<Omit<RenderOptions, "addBos">>, SamplingOptions {
  /** Most tokens to generate; default: what the context leaves. */
  readonly maxTokens?: number;
  /** Stop strings, matched in visible content only. */
  readonly stop?: readonly string[];
  /** Prompt tokens per prefill step. Any value gives the same answer. */
  readonly chunk?: number;
  readonly signal?: AbortSignal;
}
