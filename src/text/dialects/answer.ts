import type { Message } from "../types.ts";
import { contentText } from "./content.ts";
import { END_THINK } from "./control-tokens.ts";
import type { Prompt } from "./prompt.ts";

/**
 * Reasoning and content of an assistant turn, without header, tool calls or end. Where reasoning is kept, the header has already opened
 * `<think>`; missing reasoning then shows as `<think></think>`. An answer to be continued that has no content yet goes on reasoning.
 */
export function renderAnswer(prompt: Prompt, message: Message, keepReasoning: boolean): void {
  const content = contentText(message.content);
  if (keepReasoning) {
    prompt.answer(message.reasoning ?? "");
    if (message.prefix && content === "") return;
    prompt.control(END_THINK);
  }
  prompt.answer(content);
}
