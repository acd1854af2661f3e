import { TandemError } from "../../errors.ts";
import { dumpJson, type Json, type JsonObject, parseJson } from "../json.ts";
import type { ToolCall } from "../types.ts";
import { DSML } from "./control-tokens.ts";
import type { Prompt } from "./prompt.ts";

/** Tag names of one dialect's tool-call markup. V4.1's begin with a space, which makes each a single token. */
export interface DsmlTags {
  readonly block: string;
  readonly invoke: string;
  readonly parameter: string;
}

/** The opening of a tool-call block; a prompt that ends with it obliges the model to call a tool. */
export const openCalls = (tags: DsmlTags): string => `\n\n<${DSML}${tags.block}>\n`;

/** Appends the tool calls of an assistant turn. There is no escaping: names and string values stand as they are, as plain text. */
export function renderCalls(prompt: Prompt, calls: readonly ToolCall[], tags: DsmlTags): void {
  prompt.markup(openCalls(tags));
  for (const call of calls) {
    prompt.markup(`<${DSML}${tags.invoke} name="`).text(call.name).text('">\n');
    let first = true;
    for (const [key, value] of callArguments(call)) {
      if (!first) prompt.text("\n");
      first = false;
      const isString = typeof value === "string";
      prompt.markup(`<${DSML}${tags.parameter} name="`).text(key).text(`" string="${isString}">`);
      prompt.text(isString ? value : dumpJson(value)).markup(`</${DSML}${tags.parameter}>`);
    }
    prompt.markup(`\n</${DSML}${tags.invoke}>\n`);
  }
  prompt.markup(`</${DSML}${tags.block}>`);
}

/**
 * A call's arguments as an object. Clients sometimes encode them twice or three times; those strings are unwrapped. What is still not
 * an object is passed on whole under the key `arguments`, as DeepSeek's V4.1 encoder does.
 */
function callArguments(call: ToolCall): JsonObject {
  let value: Json = call.arguments;
  for (let i = 0; i < 3 && typeof value === "string"; i++) {
    try {
      value = parseJson(value);
    } catch (error) {
      if (error instanceof TandemError && error.code === "text/json-depth") throw error;
      break;
    }
  }
  return value instanceof Map ? value : new Map([["arguments", call.arguments]]);
}
