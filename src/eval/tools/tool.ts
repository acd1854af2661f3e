import type { ToolDefinition } from "../../text/index.ts";
import { between, chance, pick, type Random, shuffled, until } from "../draw.ts";
import type { Language, Split } from "../skill.ts";
import { type Halves, halves, halvesOf, type Lists } from "../split.ts";
import { sometimesAltered, wordOf } from "../words/altered.ts";
import { PHRASES } from "../words/fields.ts";
import { looselyJoined, loosened } from "../words/loosened.ts";
import { madeUp } from "../words/made-up.ts";
import { NOUNS } from "../words/nouns.ts";
import { ADJECTIVES, type Bilingual, VERBS } from "../words/verbs.ts";
import { FAMILIES } from "./families.ts";
import type { Family } from "./family.ts";
import { drawFields, type Field, fieldOf, KINDS, type Kind } from "./field.ts";

/** A tool, and how people ask for what it does. */
export interface Tool {
  readonly definition: ToolDefinition;
  readonly required: readonly string[];
  request(random: Random): Request;
}

/** New values for a tool's parameters, those that are not required only sometimes; and a text that says them, in this order. */
export interface Request {
  readonly fields: readonly Field[];
  readonly text: string;
}

/** A tool that does what none of the others does: of a verb and a noun or made-up word with any parameters, or one of everyday life. */
export function drawTool(random: Random, split: Split, language: Language, others: readonly Tool[] = []): Tool {
  const taken = new Set(others.map((tool) => tool.definition.description));
  const names = new Set(others.map((tool) => tool.definition.name));
  return until(
    () => {
      if (chance(random, 0.25)) return familyTool(random, split, language, pick(random, FAMILIES[split]));
      const made = madeUp(random, split);
      const strange = madeUp(random, split);
      const verb: Bilingual = chance(random, 0.1) ? [strange, strange] : pairOf(random, VERBS[language], split);
      const noun: Bilingual = chance(random, 0.3) ? [made, made] : pairOf(random, NOUNS[language], split);
      const how = language === "en" && chance(random, 0.2) ? wordOf(random, ADJECTIVES, split) : undefined;
      return wordTool(random, split, language, verb, how === undefined ? noun : [`${how}_${noun[0]}`, ""]);
    },
    (tool) => !taken.has(tool.definition.description) && !names.has(tool.definition.name),
  );
}

/** A word in both languages. */
function pairOf(random: Random, list: Halves<Bilingual>, split: Split): Bilingual {
  const [en, zh] = pick(random, list[split]);
  const of = (i: 0 | 1): Halves<string> => ({ train: list.train.map((pair) => pair[i]), test: list.test.map((pair) => pair[i]) });
  return [sometimesAltered(random, of(0), split, en), zh && sometimesAltered(random, of(1), split, zh)];
}

/** Several tools that do different things. */
export function drawTools(random: Random, split: Split, language: Language, count: number): Tool[] {
  const tools: Tool[] = [];
  while (tools.length < count) tools.push(drawTool(random, split, language, tools));
  return tools;
}

/** Ways of writing a name of several words: `find_room`, `findRoom`, `find-room`, `FindRoom`. */
const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);
const NAMINGS: readonly ((words: readonly string[]) => string)[] = [
  (words) => words.join("_"),
  (words) => words[0] + words.slice(1).map(capital).join(""),
  (words) => words.join("-"),
  (words) => words.map(capital).join(""),
];
const nameOf = (random: Random, words: readonly string[]): string => NAMINGS[pick(random, [0, 0, 0, 0, 0, 1, 1, 2, 3])]!(words);

/** What a description says around the action; `{a}`: find a room, `{s}`: finds a room. */
const DESCRIPTIONS: Lists = {
  en: halves(
    "{A}.|{S}.|{A}|Use this to {a}.|Tool to {a}.|A tool that can {a}.|{a}|Call it to {a}.",
    "{S} for the user.|Call this to {a}.|{A} now.|This will {a}.",
  ),
  zh: halves("{a}。|{a}|用来{a}。|{a}的工具", "这个工具{a}。|可以{a}。"),
};

function wordTool(random: Random, split: Split, language: Language, verb: Bilingual, noun: Bilingual): Tool {
  const parameters = drawFields(random, split, language, pick(random, [0, 1, 1, 2, 2, 2, 3, 3, 4]));
  const required = parameters.slice(0, between(random, Math.min(1, parameters.length), parameters.length)).map((p) => p.name);
  const name = nameOf(random, `${verb[0]}_${noun[0]}`.split("_"));
  const thing = noun[0].replaceAll("_", " ");
  const article = pick(random, ["a", "a", "the"]);
  const what = `${article === "a" && /^[aeiou]/.test(thing) ? "an" : article} ${thing}`;
  const action = language === "en" ? `${verb[0].replaceAll("_", " ")} ${what}` : `${verb[1]}${noun[1]}`;
  const does = /(?:s|x|sh|ch)$/.test(verb[0]) ? `${verb[0]}es` : `${verb[0]}s`;
  const description = loosened(random, split, language, pick(random, DESCRIPTIONS[language][split]), true)
    .replace("{A}", capital(action))
    .replace("{a}", action)
    .replace("{S}", `${capital(does.replaceAll("_", " "))} ${what}`);
  const kinds = new Map(parameters.map((p) => [p.name, kindOf(p)]));
  return {
    definition: { name, description, parameters: schemaOf(parameters, required) },
    required,
    request(random) {
      const given = parameters.filter((p) => required.includes(p.name) || chance(random, 0.5));
      // Enumerations keep their values: they are part of the tool.
      const fields = given.map((p) => withValue(random, p, () => fieldOf(random, split, language, kinds.get(p.name)!, p.name)));
      return askFor(random, split, language, action, chance(random, 0.3) ? shuffled(random, fields) : fields);
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
      const kinds = new Map(family.parameters);
      const fields: Field[] = [];
      const text = loosened(random, split, language, pick(random, family.asked[language])).replace(/\{(\w+)\}/g, (_, name) => {
        const field = fieldOf(random, split, language, kinds.get(name)!, name);
        fields.push(field);
        return field.spoken;
      });
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

/** How a request names an action and its values. `{with}` is replaced by the fields in one of the ways below. */
const REQUESTS: Lists = {
  en: halves(
    `{A}{with}.|{A}{with}|{A}{with}!|{a}{with}|Please {a}{with}.|please {a}{with}|Can you {a}{with}?|can you {a}{with}|I want you to {a}{with}.|
    I want to {a}{with}.|Now {a}{with}.|I would like to {a}{with}.|I'd like to {a}{with}.|Would you {a}{with}?|You should {a}{with}.|Help me {a}{with}.|
    Hi! Please {a}{with}.|Hello, can you {a}{with}?|We have to {a}{with}.|Let's {a}{with}.|Next, {a}{with}.|Go and {a}{with}.|{A}{with}. Thanks!|
    {A}{with} for me.|I must {a}{with} today.|Time to {a}{with}.|
    {A}{with} now.|{A}{with} right away.|Will you {a}{with}?|My boss wants me to {a}{with}.|It would be nice to {a}{with}.|Someone should {a}{with}.|Try to {a}{with}.|Be so kind and {a}{with}.|
    Your task: {a}{with}.|Task: {a}{with}|Today you {a}{with}.|I ask you to {a}{with}.|Is it possible to {a}{with}?|Make sure to {a}{with}.|{A}{with} as soon as you can.|Don't forget to {a}{with}.|
    We want to {a}{with}.|I'm going to {a}{with}.|Can we {a}{with}?|Good morning, please {a}{with}.|OK, {a}{with}.`,
    `Could you {a}{with}?|I need you to {a}{with}.|{A}{with}, please.|Hey, {a}{with}.|We need to {a}{with}.|Kindly {a}{with}.|Would you please {a}{with}?`,
  ),
  zh: halves(
    "请{a}{with}。|{a}{with}。|我要{a}{with}。|{a}{with}|你能{a}{with}吗？|我要你{a}{with}。|现在{a}{with}。|给我{a}{with}。|帮我{a}{with}|你好，请{a}{with}。",
    "请帮我{a}{with}。|我想{a}{with}。|能帮我{a}{with}吗？",
  ),
};
const WITH: Lists<Joints> = {
  en: halvesOf<Joints>(
    [
      [" with ", " ", " and "],
      [" with ", " ", ", "],
      [": ", " = ", ", "],
      [": ", "=", ", "],
      [": ", ": ", ", "],
      [" with ", " set to ", " and "],
      [" (", " ", ", "],
      [" where ", " is ", " and "],
      [", ", " ", ", "],
      [" with ", " as ", " and "],
      [" with the ", " ", " and the "],
      [" - ", " ", ", "],
      [" having ", " ", " and "],
      [", the ", " being ", ", the "],
      [" [", "=", "; "],
      [" with ", " equal to ", " and "],
      [". ", ": ", ". "],
      [" - ", " is ", "; "],
      [", namely ", " ", " and "],
      [" for ", " ", " and "],
      [" whose ", " is ", " and whose "],
      [" featuring ", " at ", " plus "],
      [" taking ", " to be ", " along with "],
      [" by setting ", " to ", " and then "],
      [" via ", " := ", " & "],
      [" assuming ", " stays ", " while "],
      [" provided ", " → ", " + "],
      ["; ", " must be ", "; "],
      [" from ", "~", " / "],
      [" based on ", " equals ", " besides "],
      [" {", ":", ","],
      [" so that ", " becomes ", " and "],
    ],
    [
      [" using ", " ", " and "],
      [": ", " is ", ", "],
      [" with ", " of ", " and "],
      [" given ", " = ", " and "],
    ],
  ),
  zh: halvesOf<Joints>(
    [
      ["，", "是", "，"],
      ["：", "为", "，"],
      ["，", "用", "，"],
      ["：", " ", "，"],
      ["，", "=", "、"],
    ],
    [
      ["，", "：", "，"],
      ["：", "=", "，"],
    ],
  ),
};

function askFor(random: Random, split: Split, language: Language, action: string, fields: readonly Field[]): Request {
  const [before, is, and] = looselyJoined(random, split, WITH[language]);
  // People leave names out where a preposition says enough.
  const natural = language === "en" && chance(random, 0.5) ? fields.filter(({ name }) => Object.hasOwn(PHRASES, name)) : [];
  const phrases = natural.map(({ name, spoken }) => ` ${pick(random, PHRASES[name]!).replace("{v}", () => spoken)}`).join("");
  const named = fields.filter((field) => !natural.includes(field));
  const list = named.map(({ name, spoken }) => `${name}${is}${spoken}`).join(and);
  const text = loosened(random, split, language, pick(random, REQUESTS[language][split]), true)
    .replace("{A}", () => capital(action))
    .replace("{a}", () => action)
    .replace("{with}", () => phrases + (list ? before + list + (before === " (" ? ")" : "") : ""));
  return { fields: [...natural, ...named], text };
}
