import { createOutputParser } from "../output-parser.ts";
import type { Dialect, Message, Rendered, RenderOptions } from "../types.ts";
import { renderAnswer } from "./answer.ts";
import { badConversation, checkMessages, checkOlderDialect, mustCall } from "./check.ts";
import { contentSegments } from "./content.ts";
import { ASSISTANT, BOS, DSML, END_THINK, EOS, THINK, USER } from "./control-tokens.ts";
import { type DsmlTags, openCalls, renderCalls } from "./dsml-calls.ts";
import { Prompt } from "./prompt.ts";
import { responseFormatText } from "./response-format.ts";
import { type ShownTool, schemaLines, shownTools } from "./tools.ts";
import { attachToSystem } from "./turns.ts";

const TAGS: DsmlTags = { block: "function_calls", invoke: "invoke", parameter: "parameter" };

/**
 * DeepSeek-V3.2. Every user message opens its answer at once, tool results stand between answers as `<function_results>`, and reasoning is
 * shown only after the last user message. Source: DeepSeek's `encoding_dsv32.py`.
 */
export const v32: Dialect = {
  name: "v3.2",
  title: "DeepSeek-V3.2",
  efforts: { names: [], numeric: false },
  render,
  parser: (start, options = {}) => createOutputParser({ dialect: "v3.2", start, ...options }),
};

function render(given: readonly Message[], options: RenderOptions): Rendered {
  checkMessages(given);
  checkOlderDialect(given, options, "v3.2");
  const { thinking, plainTemplate = false } = options;
  const show = (tools: Message["tools"]): readonly ShownTool[] => shownTools(tools ?? [], options.toolChoice, "v3.2");
  const attached = attachToSystem(
    given,
    afterSystems(given) - 1,
    show(options.tools).length > 0 ? options.tools : undefined,
    options.responseFormat,
  );
  const messages = thinking ? dropOldDevelopers(attached) : attached;
  const leading = afterSystems(messages);
  const lastUser = lastUserIndex(messages);

  const prompt = new Prompt(plainTemplate);
  if (options.addBos !== false) prompt.control(BOS);
  const instructions = (message: Message): void => {
    const tools = show(message.tools);
    if (tools.length > 0) renderTools(prompt.text("\n\n"), tools);
    const format = responseFormatText(message.responseFormat);
    if (format !== undefined) prompt.text(`\n\n${format}`);
  };
  const think = (i: number): string => (thinking && i >= lastUser ? THINK : END_THINK);

  let opened = false;
  /** Calls of the assistant turn before that have no result yet, and how many have. */
  let pending = 0;
  let results = 0;
  for (const [i, message] of messages.entries()) {
    if (pending > 0 && message.role !== "tool") throw badConversation("a tool call has no result");
    switch (message.role) {
      case "system":
        // There is no marker for a system message in mid-conversation; it goes as a user's, as in the later dialects.
        if (i < leading) {
          if (i > 0) prompt.text("\n\n");
          prompt.add(contentSegments(message.content, false));
          instructions(message);
          break;
        }
        prompt.control(USER).add(contentSegments(message.content, false));
        instructions(message);
        prompt.control(ASSISTANT, think(i));
        opened = true;
        break;
      case "developer":
        prompt.control(USER);
        instructions(message);
        prompt.text("\n\n# The user's message is: ").add(contentSegments(message.content, false)).control(ASSISTANT, think(i));
        opened = true;
        break;
      case "user":
        prompt.control(USER).add(contentSegments(message.content, false)).control(ASSISTANT, think(i));
        opened = true;
        break;
      case "tool":
        if (pending === 0) throw badConversation("a tool result answers no call");
        if (results++ === 0) prompt.text("\n\n<function_results>");
        prompt.text("\n<result>").add(contentSegments(message.content, false)).text("</result>");
        if (--pending === 0) {
          prompt.text("\n</function_results>\n\n").control(think(i));
          opened = true;
        }
        break;
      case "assistant": {
        const keepReasoning = thinking && i > lastUser;
        if (keepReasoning && !message.prefix && !message.reasoning && !message.toolCalls?.length) {
          throw badConversation("in thinking mode an answer after the last user message needs reasoning or tool calls");
        }
        if (!opened) prompt.control(ASSISTANT, keepReasoning ? THINK : END_THINK);
        renderAnswer(prompt, message, keepReasoning);
        if (message.toolCalls?.length) renderCalls(prompt, message.toolCalls, TAGS);
        if (message.prefix) return prompt.rendered();
        prompt.control(EOS);
        pending = message.toolCalls?.length ?? 0;
        results = 0;
        opened = false;
      }
    }
  }
  if (pending > 0) throw badConversation("a tool call has no result");
  if (!opened) prompt.control(ASSISTANT, thinking ? THINK : END_THINK);
  const hasTools = messages.some((message) => show(message.tools).length > 0);
  if (mustCall(given, options, hasTools)) prompt.markup(openCalls(TAGS));
  return prompt.rendered();
}

/** Index of the first message that is not system. A developer message is a kind of user message here. */
function afterSystems(messages: readonly Message[]): number {
  const index = messages.findIndex(({ role }) => role !== "system");
  return index < 0 ? messages.length : index;
}

/** Mid-conversation system messages count, because they are written as a user's. */
function lastUserIndex(messages: readonly Message[]): number {
  const leading = afterSystems(messages);
  return messages.findLastIndex(({ role }, i) => role === "user" || role === "developer" || (role === "system" && i >= leading));
}

function dropOldDevelopers(messages: readonly Message[]): readonly Message[] {
  const lastUser = lastUserIndex(messages);
  return messages.filter(({ role }, i) => role !== "developer" || i >= lastUser);
}

/** Byte-exact; the schemas, which clients write, are plain text. */
function renderTools(prompt: Prompt, tools: readonly ShownTool[]): void {
  prompt
    .template(`## Tools
You have access to a set of tools you can use to answer the user's question.
You can invoke functions by writing a "<${DSML}function_calls>" block like the following as part of your reply to the user:
<${DSML}function_calls>
<${DSML}invoke name="$FUNCTION_NAME">
<${DSML}parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</${DSML}parameter>
...
</${DSML}invoke>
<${DSML}invoke name="$FUNCTION_NAME2">
...
</${DSML}invoke>
</${DSML}function_calls>
String and scalar parameters should be specified as is without any escaping or quotes, while lists and objects should use JSON format. The "string" attribute should be set to "true" for string type parameters and "false" for other types (numbers, booleans, arrays, objects).
If the thinking_mode is enabled, then after function results you should strongly consider outputting a thinking block. Here is an example:
<${DSML}function_calls>
...
</${DSML}function_calls>
<function_results>
...
</function_results>
${THINK}...thinking about results${END_THINK}
Here are the functions available in JSONSchema format:
<functions>
`)
    .text(schemaLines(tools))
    .text("\n</functions>\n");
}
