import { createOutputParser } from "../output-parser.ts";
import type { Dialect, DialectName, Message, Rendered, RenderOptions } from "../types.ts";
import { renderAnswer } from "./answer.ts";
import { checkMessages, mustCall } from "./check.ts";
import { joinSegments } from "./content.ts";
import { ASSISTANT, BOS, END_THINK, EOS, LATEST_REMINDER, SYSTEM, TASKS, THINK, USER } from "./control-tokens.ts";
import { type DsmlTags, openCalls, renderCalls } from "./dsml-calls.ts";
import { type Efforts, effortSummary, effortText } from "./efforts.ts";
import { Prompt } from "./prompt.ts";
import { renderTools, shownTools } from "./tools.ts";
import { afterLeadingSystems, attachToSystem, type Turn, toTurns } from "./turns.ts";

/** In what the V4 dialects differ. */
export interface V4Variant {
  readonly name: DialectName;
  readonly title: string;
  readonly tags: DsmlTags;
  readonly efforts: Efforts;
  /** V4.1: system messages have their own control token and may stand anywhere; images have a placeholder. */
  readonly v41: boolean;
}

/**
 * The V4 way of writing a conversation: `BOS [effort] system ⟨User⟩…⟨Assistant⟩<think>reasoning</think>answer EOS ⟨User⟩…`, nothing
 * between the markers. Source: DeepSeek's encoders `encoding_dsv4.py` and (V4.1) `encoding.py`; where `deepseek-recipe` differs, the
 * choice made is listed in tests/text/dialects-oracle.test.ts.
 *
 * One addition of ours, after deepseek-recipe: a prompt always ends where the model is to write. An assistant turn that no user turn has
 * opened gets its own header, and so does the answer to a conversation that ends with a finished assistant turn.
 */
export function v4Dialect(variant: V4Variant): Dialect {
  return {
    name: variant.name,
    title: variant.title,
    efforts: effortSummary(variant.efforts),
    render: (messages, options) => render(variant, messages, options),
    parser: (start, options = {}) => createOutputParser({ dialect: variant.name, start, ...options }),
  };
}

function render(variant: V4Variant, messages: readonly Message[], options: RenderOptions): Rendered {
  checkMessages(messages);
  const { thinking, toolChoice, plainTemplate = false } = options;
  const effort = effortText(variant.efforts, options.effort, variant.name);
  const show = (tools: Message["tools"]) => shownTools(tools ?? [], toolChoice, variant.name);
  const leading = afterLeadingSystems(messages) - 1;
  // V4.1 has many system messages, and tools stand in the first; V4 joins the leading ones, and tools come after them.
  const all = attachToSystem(
    messages,
    variant.v41 ? Math.min(leading, 0) : leading,
    show(options.tools).length > 0 ? options.tools : undefined,
    options.responseFormat,
  );
  const hasTools = all.some((message) => show(message.tools).length > 0);
  const turns = toTurns(all, {
    images: variant.v41,
    systemAnywhere: variant.v41,
    tools: (prompt, tools) => renderTools(prompt, tools, variant.tags),
    show,
    plainTemplate,
  });

  // Reasoning matters while a task with tools is under way; otherwise only that of the answer in progress is shown.
  const drop = options.dropThinking !== false && !hasTools;
  const expectsAnswer = (turn: Turn, i: number): boolean => turn.role === "user" || (variant.v41 && turn.role === "system" && i > 0);
  const lastUser = turns.findLastIndex(expectsAnswer);

  const prompt = new Prompt(plainTemplate);
  if (options.addBos !== false) prompt.control(BOS);
  if (variant.v41 && (thinking || turns[0]!.role === "system")) prompt.control(SYSTEM);
  if (thinking) prompt.text(effort);

  /** Whether the header of the next assistant turn is written already. */
  let opened = false;
  const open = (think: boolean): void => {
    prompt.control(ASSISTANT, think ? THINK : END_THINK);
    opened = true;
  };

  for (const [i, turn] of turns.entries()) {
    const next = turns[i + 1];
    const afterTask = turns[i - 1]?.task !== undefined;
    switch (turn.role) {
      case "system":
        if (variant.v41 && i > 0) prompt.control(SYSTEM);
        break;
      case "user":
        prompt.control(USER);
        break;
      case "latest_reminder":
        prompt.control(LATEST_REMINDER);
        break;
      case "assistant": {
        const keepReasoning = thinking && !afterTask && (!drop || i > lastUser);
        if (!opened) open(keepReasoning);
        renderAnswer(prompt, turn.message, keepReasoning);
        if (turn.message.toolCalls?.length) renderCalls(prompt, turn.message.toolCalls, variant.tags);
        if (turn.message.prefix) return prompt.rendered();
        prompt.control(EOS);
        break;
      }
    }
    prompt.add(joinSegments(turn.blocks.map((block) => block.segments)));
    if (turn.role !== "latest_reminder") opened = false;

    if (next !== undefined && next.role !== "assistant" && next.role !== "latest_reminder") continue;
    if (turn.task !== undefined) {
      if (turn.task === "action") open(thinking);
      prompt.control(TASKS[turn.task]);
      opened = true;
    } else if (expectsAnswer(turn, i)) open(thinking && (!drop || i >= lastUser));
  }
  if (!opened) open(thinking);
  if (mustCall(messages, options, hasTools)) prompt.markup(openCalls(variant.tags));
  return prompt.rendered();
}
