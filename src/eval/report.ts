import type { Answer, Example, Language, Level } from "./skill.ts";

/** One way of asking a skill. */
export interface Form {
  readonly skill: string;
  readonly thinking: false | Level;
  /** The dialect's name of the effort, if it has one. */
  readonly effort?: string;
  /** Prompt tokens, of skills that have long prompts. */
  readonly length?: number;
}

export interface Row extends Form {
  readonly right: number;
  readonly asked: number;
  /** Of the rate at which answers are right, 95 %. */
  readonly interval: readonly [low: number, high: number];
  /** By language: right and asked. */
  readonly languages: Readonly<Partial<Record<Language, readonly [right: number, asked: number]>>>;
  readonly tokensPerAnswer: number;
  /** Generated tokens a second, all sessions together, prompts included in the time, as far as a session had not read them before. */
  readonly tokensPerSecond: number;
  /** How often what was wrong. */
  readonly wrong: Readonly<Record<string, number>>;
}

/** Tokens that the multi-token-prediction block foresaw, of those it could have. */
export interface Drafts {
  readonly accepted: number;
  readonly drafted: number;
}

export interface Report {
  readonly rows: readonly Row[];
  readonly drafts?: Drafts;
}

/** An answer that was not right. */
export interface Failure extends Form {
  readonly example: Example;
  readonly given: Answer;
  readonly why: string;
}
