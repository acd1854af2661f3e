import { TandemError } from "../../errors.ts";
import { dumpJson } from "../json.ts";
import { createOutputParser } from "../output-parser.ts";
import type { Dialect, Message, Rendered, RenderOptions } from "../types.ts";
import { renderAnswer } from "./answer.ts";
import { checkMessages, checkOlderDialect, mustCall } from "./check.ts";
import { contentSegments, contentText } from "./content.ts";
import * as token from "./control-tokens.ts";
import { Prompt } from "./prompt.ts";
import { responseFormatText } from "./response-format.ts";
import { type ShownTool, shownTools } from "./tools.ts";
import { afterLeadingSystems } from "./turns.ts";

/**
 * DeepSeek-V3.1. All system messages stand first, history never shows reasoning, and after tool results the answer goes on without a
 * header. Tools only without thinking. Source: the chat template of the model.
 */
export const v31: Dialect = {
  name: "v3.1",
  title: "DeepSeek-V3.1",
  efforts: { names: [], numeric: false },
  render,
  parser: (start, options = {}) => createOutputParser({ dialect: "v3.1", start, ...options }),
};

function render(messages: readonly Message[], options: RenderOptions): Rendered {
  checkMessages(messages);
  checkOlderDialect(messages, options, "v3.1");
  const { thinking } = options;
  const refuse = (what: string): TandemError => new TandemError("text/not-in-dialect", { dialect: "v3.1", what });
  const tools = shownTools([...(options.tools ?? []), ...messages.flatMap((message) => message.tools ?? [])], options.toolChoice, "v3.1");
  if (thinking && tools.length > 0) throw refuse("tools together with thinking");
  if ([options, ...messages].some(({ responseFormat }) => responseFormatText(responseFormat) !== undefined))
    throw refuse("a response format");

  const prompt = new Prompt(options.plainTemplate);
  if (options.addBos !== false) prompt.control(token.BOS);
  const leading = afterLeadingSystems(messages);
  const isSystem = ({ role }: Message, i: number): boolean => role === "system" || (role === "developer" && i < leading);
  prompt.text(
    messages
      .filter(isSystem)
      .map(({ content }) => contentText(content))
      .join("\n\n"),
  );
  if (tools.length > 0) renderTools(prompt, tools);

  const header = (think: boolean): void => void prompt.control(token.ASSISTANT, think ? token.THINK : token.END_THINK);
  let previous: Message["role"] | undefined;
  for (const [i, message] of messages.entries()) {
    if (isSystem(message, i)) continue;
    switch (message.role) {
      case "tool":
        prompt.control(token.TOOL_OUTPUT_BEGIN).add(contentSegments(message.content, false)).control(token.TOOL_OUTPUT_END);
        break;
      case "assistant": {
        const keepReasoning = thinking && message.prefix === true;
        if (previous !== "tool") header(keepReasoning);
        renderAnswer(prompt, previous === "tool" || message.toolCalls?.length ? message : withoutThink(message), keepReasoning);
        if (message.prefix) return prompt.rendered();
        renderCalls(prompt, message);
        prompt.control(token.EOS);
        break;
      }
      default:
        prompt.control(token.USER).add(contentSegments(message.content, false));
    }
    previous = message.role;
  }
  if (previous !== "tool") header(thinking);
  if (mustCall(messages, options, tools.length > 0)) prompt.control(token.TOOL_CALLS_BEGIN);
  return prompt.rendered();
}

/** Stored answers of that time may still carry their reasoning in the content. */
function withoutThink(message: Message): Message {
  const content = contentText(message.content);
  const end = content.indexOf(token.END_THINK);
  return end < 0 ? message : { ...message, content: content.slice(end + token.END_THINK.length) };
}

/** Arguments stand as the client sent them. */
function renderCalls(prompt: Prompt, { toolCalls }: Message): void {
  if (!toolCalls?.length) return;
  prompt.control(token.TOOL_CALLS_BEGIN);
  for (const call of toolCalls) {
    prompt.control(token.TOOL_CALL_BEGIN).text(call.name).control(token.TOOL_SEP).text(call.arguments).control(token.TOOL_CALL_END);
  }
  prompt.control(token.TOOL_CALLS_END);
}

const FORMAT = new RegExp(
  `(${[token.TOOL_CALLS_BEGIN, token.TOOL_CALL_BEGIN, token.TOOL_SEP, token.TOOL_CALL_END, token.TOOL_CALLS_END].join("|")})`,
);

function renderTools(prompt: Prompt, tools: readonly ShownTool[]): void {
  prompt.text("\n\n## Tools\nYou have access to the following tools:\n");
  for (const { name, description, parameters } of tools)
    prompt.text(`\n### ${name}\nDescription: ${description}\n\nParameters: ${dumpJson(parameters)}\n`);
  prompt.template(
    `\nIMPORTANT: ALWAYS adhere to this exact format for tool use:\n${token.TOOL_CALLS_BEGIN}${token.TOOL_CALL_BEGIN}tool_call_name${token.TOOL_SEP}tool_call_arguments${token.TOOL_CALL_END}{{additional_tool_calls}}${token.TOOL_CALLS_END}\n\nWhere:\n\n- \`tool_call_name\` must be an exact match to one of the available tools\n- \`tool_call_arguments\` must be valid JSON that strictly follows the tool's Parameters Schema\n- For multiple tool calls, chain them directly without separators or spaces\n`,
    FORMAT,
  );
}
