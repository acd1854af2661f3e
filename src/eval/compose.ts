import type { Message, ToolCall, ToolDefinition } from "../text/index.ts";
import type { Answer, Example, ExampleOptions, Level, Verdict } from "./skill.ts";
import { Notes } from "./working/notes.ts";

/** What a skill makes up; `compose` brings it into shape. */
export interface Draft {
  /** One user message, or a whole conversation. */
  readonly prompt: string | readonly Message[];
  readonly tools?: readonly ToolDefinition[];
  readonly responseFormat?: unknown;
  /** Writes what is thought before the answer; not asked when there is no thinking. */
  readonly think: (notes: Notes, level: Level) => void;
  readonly content: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly earlierToo?: boolean;
  readonly check: (given: Answer) => Verdict;
}

export function compose({ thinking }: ExampleOptions, draft: Draft): Example {
  const { prompt, tools, responseFormat, think, content, toolCalls, earlierToo, check } = draft;
  const notes = new Notes();
  if (thinking) think(notes, thinking);
  return {
    messages: typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt,
    ...(tools && { tools }),
    ...(responseFormat !== undefined && { responseFormat }),
    thinking,
    answer: { ...(thinking && { reasoning: notes.text }), content, ...(toolCalls?.length && { toolCalls }) },
    slips: notes.slips,
    ...(earlierToo && { earlierToo }),
    check,
  };
}
