import type { Message, ToolCall, ToolDefinition } from "../text/index.ts";
import type { Answer, Example, ExampleOptions, Level, Verdict } from "./skill.ts";
import { Notes } from "./working/notes.ts";

/** What is said to a model, and its answer. */
export interface Turn {
  /** One user message, or several messages. */
  readonly prompt: string | readonly Message[];
  /** Writes what is thought before the answer; not asked when there is no thinking. */
  readonly think: (notes: Notes, level: Level) => void;
  readonly content: string;
  readonly toolCalls?: readonly ToolCall[];
}

/** What a skill makes up; `compose` brings it into shape. */
export interface Draft extends Turn {
  /** Turns before, whose answers are worth learning too; nothing in their thinking may be a slip. */
  readonly earlier?: readonly Turn[];
  readonly tools?: readonly ToolDefinition[];
  readonly responseFormat?: unknown;
  readonly check: (given: Answer) => Verdict;
}

export function compose({ thinking }: ExampleOptions, draft: Draft): Example {
  const { earlier = [], prompt, tools, responseFormat, check } = draft;
  const { answer, slips } = answered(draft, thinking);
  const before = earlier.flatMap((turn): Message[] => [
    ...messagesOf(turn.prompt),
    { role: "assistant", ...answered(turn, thinking).answer },
  ]);
  return {
    messages: [...before, ...messagesOf(prompt)],
    ...(tools && { tools }),
    ...(responseFormat !== undefined && { responseFormat }),
    thinking,
    answer,
    slips,
    ...(earlier.length > 0 && { earlierToo: true }),
    check,
  };
}

const messagesOf = (prompt: Turn["prompt"]): readonly Message[] =>
  typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;

function answered({ think, content, toolCalls }: Turn, thinking: false | Level): Pick<Example, "answer" | "slips"> {
  const notes = new Notes();
  if (thinking) think(notes, thinking);
  return { answer: { ...(thinking && { reasoning: notes.text }), content, ...(toolCalls?.length && { toolCalls }) }, slips: notes.slips };
}
