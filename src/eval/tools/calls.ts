import { dumpJson, type ToolCall } from "../../text/index.ts";
import { RIGHT, wrong } from "../checks.ts";
import type { Answer, Verdict } from "../skill.ts";
import type { Field } from "./field.ts";

/** A call with these arguments. */
export const callOf = (name: string, fields: readonly Field[], id?: string): ToolCall => ({
  ...(id !== undefined && { id }),
  name,
  arguments: dumpJson(Object.fromEntries(fields.map((f) => [f.name, f.value]))),
});

/** The same tools in the same order with the same arguments: values by what they are (3 is not "3"), keys in any order. */
export function callsAre(expected: readonly ToolCall[]): (given: Answer) => Verdict {
  return ({ toolCalls = [] }) => {
    if (toolCalls.length === 0) return wrong("no tool call");
    if (toolCalls.length !== expected.length) return wrong("wrong number of calls");
    for (const [i, call] of toolCalls.entries()) {
      if (call.name !== expected[i]!.name) return wrong("wrong tool");
      if (sortedJson(call.arguments) !== sortedJson(expected[i]!.arguments)) return wrong("wrong arguments");
    }
    return RIGHT;
  };
}

/** JSON text with the keys of every object in order; undefined if it is none. */
export function sortedJson(text: string): string | undefined {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return undefined;
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
