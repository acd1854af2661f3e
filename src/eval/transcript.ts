import type { Dialect, Rendered, RenderOptions, Segment } from "../text/index.ts";
import { effortsOf } from "./efforts.ts";
import type { Example } from "./skill.ts";

/** An example as a dialect writes it: the prompt, and the answer to learn up to and with the end of the turn. */
export interface Transcript {
  readonly prompt: Rendered;
  readonly answer: readonly Segment[];
}

const EOS = "<｜end▁of▁sentence｜>";

export function renderOptions(example: Example, dialect: Dialect): RenderOptions {
  const { thinking, tools, responseFormat } = example;
  const effort = effortsOf(dialect).find(({ level }) => level === thinking)?.effort;
  return {
    thinking: thinking !== false,
    ...(effort !== undefined && { effort }),
    ...(tools && { tools }),
    ...(responseFormat !== undefined && { responseFormat }),
  };
}

/** The dialect must write an answer as the continuation of its prompt, and end it with EOS: those of V4 do. */
export function transcript(example: Example, dialect: Dialect): Transcript {
  const options = renderOptions(example, dialect);
  const prompt = dialect.render(example.messages, options);
  const { segments } = dialect.render([...example.messages, { role: "assistant", ...example.answer }], options);
  const end = segments.findLastIndex((segment) => "control" in segment && segment.control === EOS);
  return { prompt, answer: segments.slice(prompt.segments.length, end + 1) };
}
