import { TandemError } from "../../errors.ts";
import { dumpJson } from "../json.ts";
import type { DialectName, RenderOptions, ToolDefinition } from "../types.ts";
import { DSML, END_THINK, THINK } from "./control-tokens.ts";
import type { DsmlTags } from "./dsml-calls.ts";
import type { Prompt } from "./prompt.ts";

/** A tool as its dialect shows it: the name with its namespace, the description with the namespace's before it. */
export interface ShownTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: unknown;
}

/**
 * Tools of a request under its tool choice: `none` shows no tools, a named choice only that one. Names must be unique; namespaces exist
 * in V4.1 only. Errors `text/bad-tool`, `text/bad-tool-choice`, `text/not-in-dialect`.
 */
export function shownTools(
  tools: readonly ToolDefinition[],
  choice: RenderOptions["toolChoice"],
  dialect: DialectName,
): readonly ShownTool[] {
  if (choice === "none" || tools.length === 0) return [];
  const shown = tools.map((tool) => showTool(tool, dialect));
  const names = new Set<string>();
  for (const { name } of shown) {
    if (names.has(name)) throw new TandemError("text/bad-tool", { name, reason: "there are two tools of that name" });
    names.add(name);
  }
  if (typeof choice !== "object") return shown;
  const chosen = shown.filter(({ name }) => name === choice.name);
  if (chosen.length === 0) throw new TandemError("text/bad-tool-choice", { reason: `there is no tool ${JSON.stringify(choice.name)}` });
  return chosen;
}

function showTool(tool: ToolDefinition, dialect: DialectName): ShownTool {
  const { name, description = "", parameters = {} } = tool;
  if (tool.namespace === undefined) return { name, description, parameters };
  if (dialect !== "v4.1") throw new TandemError("text/not-in-dialect", { dialect, what: "tool namespaces" });
  const space = typeof tool.namespace === "string" ? { name: tool.namespace } : tool.namespace;
  for (const part of [space.name, name]) {
    if (part === "" || part.includes("::"))
      throw new TandemError("text/bad-tool", { name, reason: "a name or namespace is empty or contains ::" });
  }
  const both =
    "description" in space && space.description ? [space.description, ...(description ? [description] : [])].join("\n") : description;
  return { name: `${space.name}::${name}`, description: both, parameters };
}

/** One line of the schema list: the three keys the models were shown, in this order, whatever else the client sent. */
const schemaLine = ({ name, description, parameters }: ShownTool): string =>
  dumpJson(
    new Map<string, unknown>([
      ["name", name],
      ["description", description],
      ["parameters", parameters],
    ]),
  );

export const schemaLines = (tools: readonly ShownTool[]): string => tools.map(schemaLine).join("\n");

/** The Tools instruction of V4 and V4.1. Byte-exact; the schemas, which clients write, are plain text. */
export function renderTools(prompt: Prompt, tools: readonly ShownTool[], { block, invoke, parameter }: DsmlTags): void {
  prompt
    .template(`## Tools

You have access to a set of tools to help answer the user's question. You can invoke tools by writing a "<${DSML}${block}>" block like the following:

<${DSML}${block}>
<${DSML}${invoke} name="$TOOL_NAME">
<${DSML}${parameter} name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</${DSML}${parameter}>
...
</${DSML}${invoke}>
<${DSML}${invoke} name="$TOOL_NAME2">
...
</${DSML}${invoke}>
</${DSML}${block}>

String parameters should be specified as is and set \`string="true"\`. For all other types (numbers, booleans, arrays, objects), pass the value in JSON format and set \`string="false"\`.

If thinking_mode is enabled (triggered by ${THINK}), you MUST output your complete reasoning inside ${THINK}...${END_THINK} BEFORE any tool calls or final response.

Otherwise, output directly after ${END_THINK} with tool calls or final response.

### Available Tool Schemas

`)
    .text(schemaLines(tools))
    .text("\n\nYou MUST strictly follow the above defined tool name and parameter schemas to invoke tool calls.\n");
}
