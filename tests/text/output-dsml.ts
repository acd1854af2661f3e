import type { DialectName, ToolDefinition } from "../../src/text/types.ts";

/** Writes tool calls as a model should, in one dialect. Written apart from the code under test, from the grammar in the specification. */
export interface Writer {
  readonly dialect: DialectName;
  parameter(key: string, string: "true" | "false", value: string): string;
  call(name: string, ...parameters: string[]): string;
  block(...calls: string[]): string;
}

function dsml(dialect: DialectName, block: string, invoke: string, parameter: string): Writer {
  return {
    dialect,
    parameter: (key, string, value) => `<｜DSML｜${parameter} name="${key}" string="${string}">${value}</｜DSML｜${parameter}>\n`,
    call: (name, ...parameters) => `<｜DSML｜${invoke} name="${name}">\n${parameters.join("") || "\n"}</｜DSML｜${invoke}>\n`,
    block: (...calls) => `<｜DSML｜${block}>\n${calls.join("")}</｜DSML｜${block}>`,
  };
}

export const V32 = dsml("v3.2", "function_calls", "invoke", "parameter");
export const V4 = dsml("v4", "tool_calls", "invoke", "parameter");
export const V4_0731 = dsml("v4-0731", "tool_calls", "invoke", "parameter");
export const V41 = dsml("v4.1", " calls", " invoke", " parameter");
export const DSML_WRITERS = [V32, V4, V4_0731, V41];

/** V3.1: `json` is the whole arguments object. */
export const v31 = {
  call: (name: string, json: string) => `<｜tool▁call▁begin｜>${name}<｜tool▁sep｜>${json}<｜tool▁call▁end｜>`,
  block: (...calls: string[]) => `<｜tool▁calls▁begin｜>${calls.join("")}<｜tool▁calls▁end｜>`,
};

export const WEATHER: ToolDefinition = {
  name: "get_weather",
  parameters: {
    type: "object",
    properties: {
      city: { type: "string" },
      days: { type: "integer" },
      exact: { type: "boolean" },
      where: { type: ["object", "null"] },
      scale: { anyOf: [{ type: "number" }, { type: "array" }] },
      any: {},
    },
    required: ["city"],
  },
};
