/**
 * JSON as text. Arguments are never parsed and printed again, because that would change number lexemes (`1.0`, `1e400`, 20-digit
 * integers); JSON.parse only says whether a text is valid and of which type.
 */
import type { KnownTool } from "./known-tool.ts";

/** Keys that models put around the arguments object although no tool has them. Source: vLLM's `_unwrap_wrapper_args`. */
export const WRAPPER_KEYS = ["arguments", "input"] as const;

const PYTHON_LITERALS: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" };

/** The value, or undefined where `text` is not JSON (JSON itself has no undefined). */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function typeOf(text: string): string | undefined {
  const value = parse(text);
  if (value === undefined) return undefined;
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

export function isObjectText(text: string): boolean {
  return typeOf(text) === "object";
}

/**
 * A parameter's text as JSON text of a type the tool declares.
 * @param raw the text between the parameter's tags
 * @param attribute its `string` attribute: "true", "false", or undefined where missing or senseless
 * @param types JSON Schema type names the tool declares; undefined = unknown
 */
export function coerce(raw: string, attribute: string | undefined, types: ReadonlySet<string> | undefined): string {
  const asString = JSON.stringify(raw);
  if (attribute !== "false" && (types === undefined || types.has("string"))) return asString;
  const decoded = parse(raw);
  for (const text of [PYTHON_LITERALS[raw.trim()] ?? raw, typeof decoded === "string" ? decoded : ""]) if (fits(text, types)) return text;
  // Valid JSON of a wrong type and no way to a right one: the model's own word stands, and the tool's validation will answer it.
  return attribute === "false" && decoded !== undefined && !types?.has("string") ? raw : asString;
}

function fits(text: string, types: ReadonlySet<string> | undefined): boolean {
  const type = typeOf(text);
  if (type === undefined) return false;
  if (types === undefined || types.has(type)) return true;
  return type === "number" && types.has("integer") && Number.isInteger(Number(text));
}

/** The arguments object inside `{"arguments": …}`, `{"input": …}` or a JSON string; undefined if `text` is not such a wrapping. */
export function unwrapObject(text: string, tool: KnownTool | undefined): string | undefined {
  const value = parse(text);
  if (typeof value === "string") return isObjectText(value) ? value.trim() : undefined;
  if (tool === undefined || !isObjectText(text)) return undefined;
  const keys = Object.keys(value as object);
  if (keys.length !== 1 || !isWrapperKey(keys[0], tool)) return undefined;
  return innerObject(text.slice(text.indexOf(":") + 1, text.lastIndexOf("}")), tool);
}

export function isWrapperKey(key: string, tool: KnownTool | undefined): boolean {
  return tool !== undefined && !tool.has(key) && (WRAPPER_KEYS as readonly string[]).includes(key);
}

/** `text` (an object, or a string holding one) if all its keys are parameters of the tool. */
export function innerObject(text: string, tool: KnownTool): string | undefined {
  const value = parse(text);
  if (typeof value === "string") return isObjectText(value) ? innerObject(value, tool) : undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.keys(value).every((key) => tool.has(key)) ? text.trim() : undefined;
}
