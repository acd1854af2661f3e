import { dumpJson } from "../../text/index.ts";
import type { Level } from "../skill.ts";
import type { Notes } from "../working/notes.ts";
import type { Field } from "./field.ts";
import type { Request } from "./request.ts";
import type { Tool } from "./tool.ts";

/** What is wanted, and the tool that does it if there is one. */
export interface Wish extends Request {
  readonly tool?: Tool;
}

/** A value as a person writes it. */
export const written = ({ value }: Field): string => (typeof value === "string" ? value : dumpJson(value));

/**
 * What is thought before calls. At `low` the tool alone. At `high` what is wanted, in the words in which it was said, and what is to be said of the
 * result (`asked`); then what every tool does with a verdict, so that both stand side by side; then the arguments with their types. At `max` what is
 * required as well.
 */
export function choose(notes: Notes, level: Level, tools: readonly Tool[], wishes: readonly Wish[], asked?: Field): void {
  if (level !== "low") {
    for (const { text } of wishes) notes.line("want ", text);
    if (asked) notes.line("then say ", asked.name);
    for (const tool of tools) notes.line(`${tool.definition.name}: ${tool.definition.description} ${verdict(tool, wishes)}`);
  }
  for (const { tool, fields } of wishes) {
    if (!tool) {
      notes.line("no tool");
      continue;
    }
    notes.line("call ", tool.definition.name);
    if (level === "low") continue;
    for (const field of fields)
      notes.line(field.by === undefined ? "" : `${field.by}: `, `${field.name} ${field.schema.type} ${written(field)}`);
    if (level === "max") notes.line("required ", tool.required.join(" ") || "nothing", " right");
  }
}

/** Of several wishes their numbers. */
function verdict(tool: Tool, wishes: readonly Wish[]): string {
  const numbers = wishes.flatMap((wish, i) => (wish.tool === tool ? [i + 1] : []));
  if (numbers.length === 0) return "no";
  return wishes.length === 1 ? "yes" : `yes ${numbers.join(" ")}`;
}
