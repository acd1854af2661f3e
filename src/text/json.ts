import { TandemError } from "../errors.ts";

/**
 * JSON without loss, for text that must survive a round trip byte for byte (tool schemas, tool arguments): numbers keep their lexeme
 * (`1.0`, `1e-7`, integers beyond 2^53) and objects their key order, which JSON.parse loses for keys like "1".
 * A repeated key keeps its first place and takes its last value, as in Python's dict, in which DeepSeek's encoders hold it.
 */
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** A number as written. */
export class JsonNumber {
  readonly lexeme: string;
  constructor(lexeme: string) {
    this.lexeme = lexeme;
  }
}

/** Deeper nesting is refused: the reader recurses, and no schema or argument list comes near. */
export const MAX_JSON_DEPTH = 256;

const TOKEN = /[ \t\n\r]*(?:([[\]{},:])|("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(true|false|null))/suy;
const LITERALS: Readonly<Record<string, Json>> = { true: true, false: false, null: null };

/** JSON text to value. Errors `text/json-invalid`, `text/json-depth`. */
export function parseJson(text: string): Json {
  let at = 0;
  const fail = (reason: string): TandemError => new TandemError("text/json-invalid", { at, reason });

  /** The next token: a punctuation character, or a finished scalar. */
  const next = (): { readonly punctuation: string } | { readonly value: Json } => {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw fail("expected a value or punctuation");
    at = TOKEN.lastIndex;
    const [, punctuation, quoted, number, literal] = match;
    if (punctuation !== undefined) return { punctuation };
    if (number !== undefined) return { value: new JsonNumber(number) };
    if (literal !== undefined) return { value: LITERALS[literal]! };
    try {
      return { value: JSON.parse(quoted!) as string };
    } catch {
      throw fail("malformed string");
    }
  };

  const list = (depth: number): Json[] => {
    const items: Json[] = [];
    let token = next();
    if ("punctuation" in token && token.punctuation === "]") return items;
    for (;;) {
      items.push(value(token, depth));
      token = next();
      if (!("punctuation" in token)) throw fail("expected , or ]");
      if (token.punctuation === "]") return items;
      if (token.punctuation !== ",") throw fail("expected , or ]");
      token = next();
    }
  };

  const object = (depth: number): JsonObject => {
    const entries = new Map<string, Json>();
    let token = next();
    if ("punctuation" in token && token.punctuation === "}") return entries;
    for (;;) {
      if (!("value" in token) || typeof token.value !== "string") throw fail("expected a key");
      const key = token.value;
      token = next();
      if (!("punctuation" in token) || token.punctuation !== ":") throw fail("expected :");
      entries.set(key, value(next(), depth));
      token = next();
      if (!("punctuation" in token)) throw fail("expected , or }");
      if (token.punctuation === "}") return entries;
      if (token.punctuation !== ",") throw fail("expected , or }");
      token = next();
    }
  };

  const value = (token: ReturnType<typeof next>, depth: number): Json => {
    if ("value" in token) return token.value;
    if (depth >= MAX_JSON_DEPTH) throw new TandemError("text/json-depth", { limit: MAX_JSON_DEPTH });
    if (token.punctuation === "[") return list(depth + 1);
    if (token.punctuation === "{") return object(depth + 1);
    throw fail(`unexpected ${token.punctuation}`);
  };

  const result = value(next(), 0);
  if (/[^ \t\n\r]/.test(text.slice(at))) throw fail("text after the value");
  return result;
}

/**
 * Value to JSON text as Python's `json.dumps(value, ensure_ascii=False)` writes it (`", "` and `": "`), which is what DeepSeek's models
 * were trained on. Takes values of `parseJson` and plain JavaScript values alike; keys whose value is undefined are left out.
 * Errors `text/json-invalid` for what JSON cannot express, `text/json-depth`.
 */
export function dumpJson(value: unknown, depth = 0): string {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return dumpNumber(value);
  if (value instanceof JsonNumber) return value.lexeme;
  if (typeof value !== "object") throw new TandemError("text/json-invalid", { at: 0, reason: `a ${typeof value} is not a JSON value` });
  if (depth >= MAX_JSON_DEPTH) throw new TandemError("text/json-depth", { limit: MAX_JSON_DEPTH });
  if (Array.isArray(value)) return `[${value.map((item) => dumpJson(item, depth + 1)).join(", ")}]`;
  const entries = value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value);
  const members = entries
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key)}: ${dumpJson(member, depth + 1)}`);
  return `{${members.join(", ")}}`;
}

/** A JavaScript number as Python would write it: the two differ only below 1e-4 (`0.00001` is `1e-05` in Python). */
function dumpNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TandemError("text/json-invalid", { at: 0, reason: `${value} is not a JSON number` });
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}
