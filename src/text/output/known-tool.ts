import type { ToolDefinition } from "../types.ts";

/** What the parser needs to know of a tool: its parameters and the JSON types each accepts. */
export class KnownTool {
  readonly #properties: ReadonlyMap<string, unknown>;

  constructor(definition: ToolDefinition) {
    this.#properties = fields(fields(definition.parameters).get("properties"));
  }

  has(parameter: string): boolean {
    return this.#properties.has(parameter);
  }

  /** JSON Schema type names, or undefined when the schema does not say (then nothing is coerced). */
  types(parameter: string): ReadonlySet<string> | undefined {
    return declaredTypes(this.#properties.get(parameter));
  }
}

/** Tools by the name a call uses: `namespace::name` where a tool has a namespace (V4.1). */
export function knownTools(definitions: readonly ToolDefinition[]): ReadonlyMap<string, KnownTool> {
  return new Map(definitions.map((definition) => [qualifiedName(definition), new KnownTool(definition)]));
}

function qualifiedName({ name, namespace }: ToolDefinition): string {
  if (namespace === undefined) return name;
  return `${typeof namespace === "string" ? namespace : namespace.name}::${name}`;
}

/** Unions nested deeper than anyone writes them; beyond, nothing is coerced rather than the stack risked on a hostile schema. */
const MAX_UNION_DEPTH = 8;

function declaredTypes(schema: unknown, depth = 0): ReadonlySet<string> | undefined {
  if (depth > MAX_UNION_DEPTH) return undefined;
  const field = fields(schema);
  const type = field.get("type");
  if (typeof type === "string") return new Set([type]);
  if (Array.isArray(type)) return new Set(type.filter((name) => typeof name === "string"));
  const branches = field.get("anyOf") ?? field.get("oneOf");
  if (Array.isArray(branches)) {
    const union = new Set<string>();
    for (const branch of branches) {
      const types = declaredTypes(branch, depth + 1);
      if (types === undefined) return undefined;
      for (const name of types) union.add(name);
    }
    return union;
  }
  const values = field.get("enum");
  if (Array.isArray(values) && values.every((value) => typeof value === "string")) return new Set(["string"]);
  return undefined;
}

const NOTHING: ReadonlyMap<string, unknown> = new Map();

/** The fields of a JSON object, be it a Map (json.ts) or a plain object; of anything else, none. */
function fields(value: unknown): ReadonlyMap<string, unknown> {
  if (value instanceof Map) return value;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? new Map(Object.entries(value)) : NOTHING;
}
