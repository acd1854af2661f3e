import type { Message, ToolCall, ToolDefinition } from "../text/index.ts";

/** The two halves of everything that is drawn: numbers by a hash, words and wordings by lists. A model learns from one and is asked the other. */
export type Split = "train" | "test";
export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];
/** How thoroughly to think: what the efforts of a dialect mean here (efforts.ts). */
export const LEVELS = ["low", "high", "max"] as const;
export type Level = (typeof LEVELS)[number];

/** What kind of example is wanted. */
export interface ExampleOptions {
  readonly language: Language;
  readonly thinking: false | Level;
  /** Tokens of the prompt, for skills whose prompts can be of any length; others ignore it. */
  readonly length?: number;
  /** Tokens of a text; default: a third of its UTF-16 units. Only needed with `length`. */
  readonly tokens?: (text: string) => number;
}

/** What a model says, or should say. */
export interface Answer {
  readonly reasoning?: string;
  readonly content: string;
  readonly toolCalls?: readonly ToolCall[];
}

export interface Verdict {
  readonly right: boolean;
  /** Why not, in a few words that are the same for all failures of a kind. */
  readonly why?: string;
}

/** One question with its answer, and the judge of other answers. */
export interface Example {
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolDefinition[];
  readonly responseFormat?: unknown;
  readonly thinking: false | Level;
  readonly answer: Answer;
  /** Ranges [start, end) of `answer.reasoning` that are wrong on purpose, to be noticed and corrected later on: nothing to learn. */
  readonly slips: readonly (readonly [number, number])[];
  /** Whether the earlier answers of the conversation are worth learning as well. */
  readonly earlierToo?: boolean;
  check(given: Answer): Verdict;
}

/** All skills have this shape. */
export interface Skill {
  readonly name: string;
  readonly title: string;
  /** Whether `length` means something: prompts of a chosen number of tokens. */
  readonly long?: boolean;
  /** One example; the same for the same sequence of random numbers. `random` draws from [0, 1). */
  example(random: () => number, split: Split, options: ExampleOptions): Example;
}
