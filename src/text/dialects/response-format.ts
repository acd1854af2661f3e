import { TandemError } from "../../errors.ts";
import { dumpJson } from "../json.ts";

const HEADER = "## Response Format:\n\nYou MUST strictly adhere to the following schema to reply:\n";
const JSON_OBJECT = new Map([["type", "json_object"]]);

/**
 * The instruction for an OpenAI `response_format`, or undefined for free text. The object may be plain or from `parseJson`.
 * A schema may stand in `json_schema.schema` (Chat Completions) or in `schema` (Responses). Error `text/bad-conversation`.
 */
export function responseFormatText(format: unknown): string | undefined {
  if (format === undefined || format === null) return undefined;
  switch (member(format, "type")) {
    case "text":
      return undefined;
    case "json_object":
      return HEADER + dumpJson(JSON_OBJECT);
    case "json_schema": {
      const schema = member(member(format, "json_schema"), "schema") ?? member(format, "schema");
      if (schema !== undefined) return HEADER + dumpJson(schema);
    }
  }
  throw new TandemError("text/bad-conversation", { reason: "the response format is not text, json_object, or json_schema with a schema" });
}

function member(value: unknown, key: string): unknown {
  if (value instanceof Map) return value.get(key);
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
