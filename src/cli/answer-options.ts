import type { AnswerOptions } from "../engine/index.ts";
import type { Args } from "./args.ts";
import type { Options } from "./command.ts";
import { defined } from "./defined.ts";

/** Options of every command that lets a model answer. */
export const ANSWER_OPTIONS: Options = {
  thinking: { type: "boolean", about: "think before answering (default)" },
  "no-thinking": { type: "boolean", about: "answer at once" },
  effort: {
    type: "string",
    value: "X",
    about: "how thoroughly to think: low, high, max, …, or 1 to 100, as the model's dialect defines it",
  },
  system: { type: "string", value: "TEXT", about: "system message" },
  temperature: { type: "string", value: "N", about: "0 always takes the most likely token (default: the model's recommendation)" },
  "top-p": { type: "string", value: "N", about: "draw from the likeliest tokens that together have this probability" },
  "min-p": { type: "string", value: "N", about: "drop tokens below this part of the likeliest one's probability" },
  seed: { type: "string", value: "N", about: "same seed, same answer" },
  "max-tokens": { type: "string", value: "N", about: "most tokens of an answer, thinking included (default: what the context leaves)" },
};

export const answerOptions = (args: Args): AnswerOptions =>
  defined({
    thinking: args.either("thinking"),
    effort: effortFrom(args.text("effort")),
    temperature: args.number("temperature"),
    topP: args.number("top-p"),
    minP: args.number("min-p"),
    seed: args.integer("seed"),
    maxTokens: args.integer("max-tokens", 1),
  });

/** Efforts are names or numbers. */
export const effortFrom = (text: string | undefined): string | number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
