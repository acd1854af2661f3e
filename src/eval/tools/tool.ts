import type { ToolDefinition } from "../../text/index.ts";
import { between, chance, pick, type Random, shuffled, until } from "../draw.ts";
import type { Language, Split } from "../skill.ts";
import { halvesOf, type Lists } from "../split.ts";
import { type Bilingual, NOUNS, VERBS } from "../words/actions.ts";
import { madeUp } from "../words/made-up.ts";
import { FAMILIES, type Family } from "./families.ts";
import { drawFields, type Field, fieldOf, KINDS, type Kind } from "./field.ts";

/** A tool, and how people ask for what it does. */
export interface Tool {
  readonly definition: ToolDefinition;
  readonly required: readonly string[];
  /** New values for its parameters, those that are not required only sometimes; and a request that names them. */
  request(random: Random): { readonly fields: readonly Field[]; readonly text: string };
}

/** A tool that does what none of the others does: of a verb and a noun or made-up word with any parameters, or one of everyday life. */
export function drawTool(random: Random, split: Split, language: Language, others: readonly Tool[] = []): Tool {
  const taken = new Set(others.map((tool) => tool.definition.description));
  return until(
    () => {
      if (chance(random, 0.25)) return familyTool(random, split, language, pick(random, FAMILIES[split]));
      const verb = pick(random, VERBS[split]);
      const made = madeUp(random, split);
      const noun: Bilingual = chance(random, 0.35) ? [made, made] : pick(random, NOUNS[split]);
      return wordTool(random, split, language, nameOf(random, verb[0], noun[0]), verb, noun);
    },
    (tool) => !taken.has(tool.definition.description),
  );
}

/** Several tools that do different things. */
export function drawTools(random: Random, split: Split, language: Language, count: number): Tool[] {
  const tools: Tool[] = [];
  while (tools.length < count) tools.push(drawTool(random, split, language, tools));
  return tools;
}

/** `find_room`, sometimes `findRoom`. */
const nameOf = (random: Random, verb: string, noun: string): string =>
  chance(random, 0.7) ? `${verb}_${noun}` : `${verb}${noun[0]!.toUpperCase()}${noun.slice(1)}`;

function wordTool(random: Random, split: Split, language: Language, name: string, verb: Bilingual, noun: Bilingual): Tool {
  const parameters = drawFields(random, split, language, pick(random, [0, 1, 1, 2, 2, 2, 3, 3, 4]));
  const required = parameters.slice(0, between(random, Math.min(1, parameters.length), parameters.length)).map((p) => p.name);
  const action = language === "en" ? `${verb[0]} ${/^[aeiou]/.test(noun[0]) ? "an" : "a"} ${noun[0]}` : `${verb[1]}${noun[1]}`;
  const description = language === "en" ? `${action[0]!.toUpperCase()}${action.slice(1)}.` : `${action}。`;
  const kinds = new Map(parameters.map((p) => [p.name, kindOf(p)]));
  return {
    definition: { name, description, parameters: schemaOf(parameters, required) },
    required,
    request(random) {
      const given = parameters.filter((p) => required.includes(p.name) || chance(random, 0.5));
      // Enumerations keep their values: they are part of the tool.
      const fields = given.map((p) => withValue(random, p, () => fieldOf(random, split, language, kinds.get(p.name)!, p.name)));
      const mentioned = chance(random, 0.3) ? shuffled(random, fields) : fields;
      return { fields, text: askFor(random, split, language, action, mentioned) };
    },
  };
}

function familyTool(random: Random, split: Split, language: Language, family: Family): Tool {
  const parameters = family.parameters.map(([name, kind]) => fieldOf(random, split, language, kind, name));
  const required = parameters.map((p) => p.name);
  return {
    definition: { name: family.name, description: family.description[language], parameters: schemaOf(parameters, required) },
    required,
    request(random) {
      const fields = family.parameters.map(([name, kind]) => fieldOf(random, split, language, kind, name));
      const text = pick(random, family.asked[language]).replace(/\{(\w+)\}/g, (_, name) => fields.find((f) => f.name === name)!.spoken);
      return { fields, text };
    },
  };
}

const withValue = (random: Random, field: Field, draw: () => Field): Field => {
  const values = field.schema.enum as readonly string[] | undefined;
  if (!values) return draw();
  const value = pick(random, values);
  return { ...field, value, spoken: value };
};

function kindOf({ schema }: Field): Kind {
  if (schema.enum) return "enum";
  if (schema.type === "array") return (schema.items as { type: string }).type === "string" ? "strings" : "integers";
  return KINDS.find((kind) => kind === schema.type)!;
}

export const schemaOf = (fields: readonly Field[], required: readonly string[]) => ({
  type: "object",
  properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
  required,
});

/** Before all fields, between name and value, between fields. */
type Joints = readonly [before: string, is: string, and: string];

/** How a request names an action and its values. `{f}` is replaced by the fields in one of the ways below. */
const REQUESTS: Lists = {
  en: halvesOf(
    ["{A}{with}.", "Please {a}{with}.", "please {a}{with}", "Can you {a}{with}?", "I want you to {a}{with}.", "Now {a}{with}."],
    ["Could you {a}{with}?", "I need you to {a}{with}.", "{A}{with}, please."],
  ),
  zh: halvesOf(["请{a}{with}。", "{a}{with}。", "我要{a}{with}。"], ["请帮我{a}{with}。", "我想{a}{with}。"]),
};
const WITH: Lists<Joints> = {
  en: halvesOf<Joints>(
    [
      [" with ", " ", " and "],
      [" with ", " ", ", "],
      [": ", " = ", ", "],
      [" with ", " set to ", " and "],
    ],
    [
      [" using ", " ", " and "],
      [": ", " is ", ", "],
    ],
  ),
  zh: halvesOf<Joints>(
    [
      ["，", "是", "，"],
      ["：", "为", "，"],
    ],
    [
      ["，", "：", "，"],
      ["：", "=", "，"],
    ],
  ),
};

function askFor(random: Random, split: Split, language: Language, action: string, fields: readonly Field[]): string {
  const [before, is, and] = pick(random, WITH[language][split]);
  const list = fields.map(({ name, spoken }) => `${name}${is}${spoken}`).join(and);
  return pick(random, REQUESTS[language][split])
    .replace("{A}", () => action[0]!.toUpperCase() + action.slice(1))
    .replace("{a}", () => action)
    .replace("{with}", () => (fields.length > 0 ? before + list : ""));
}
