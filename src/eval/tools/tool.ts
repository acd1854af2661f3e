import type { ToolDefinition } from "../../text/index.ts";
import { between, chance, pick, type Random, shuffled, until } from "../draw.ts";
import { capital } from "../fill.ts";
import type { Language, Split } from "../skill.ts";
import { type Halves, halves, type Lists } from "../split.ts";
import { sometimesAltered, wordOf } from "../words/altered.ts";
import { loosened } from "../words/loosened.ts";
import { madeUp } from "../words/made-up.ts";
import { NOUNS } from "../words/nouns.ts";
import { ADJECTIVES, type Bilingual, VERBS } from "../words/verbs.ts";
import { FAMILIES } from "./families.ts";
import type { Family } from "./family.ts";
import { drawFields, type Field, fieldOf, KINDS, type Kind, wordField } from "./field.ts";
import { askFor, mention, type Request } from "./request.ts";

/** A tool, and how people ask for what it does. */
export interface Tool {
  readonly definition: ToolDefinition;
  readonly required: readonly string[];
  request(random: Random): Request;
}

/** A tool that does what none of the others does: of a verb and a noun or made-up word with any parameters (or none: `bare`), or one of everyday life. */
export function drawTool(
  random: Random,
  split: Split,
  language: Language,
  others: readonly Tool[] = [],
  bare = false,
  describe = describing(random, split, language),
): Tool {
  const taken = new Set(others.map((tool) => tool.definition.description));
  const names = new Set(others.map((tool) => tool.definition.name));
  return until(
    () => {
      if (!bare && chance(random, split === "train" ? 0.35 : 0.25))
        return familyTool(random, split, language, pick(random, FAMILIES[split]));
      const made = madeUp(random, split);
      const strange = madeUp(random, split);
      const verb: Bilingual = chance(random, 0.1) ? [strange, strange] : pairOf(random, VERBS[language], split);
      const noun: Bilingual = chance(random, 0.3) ? [made, made] : pairOf(random, NOUNS[language], split);
      const how = language === "en" && chance(random, 0.2) ? wordOf(random, ADJECTIVES, split) : undefined;
      return wordTool(random, split, language, verb, how === undefined ? noun : [`${how}_${noun[0]}`, ""], bare, describe);
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
export function drawTools(random: Random, split: Split, language: Language, count: number, bare = false): Tool[] {
  const describe = describing(random, split, language);
  // All described in the same words, or each in its own: where all begin alike, a beginning does not tell which one to copy.
  const alike = split === "train" && chance(random, 0.5) ? describe() : undefined;
  const tools: Tool[] = [];
  while (tools.length < count) tools.push(drawTool(random, split, language, tools, bare, alike === undefined ? describe : () => alike));
  return tools;
}

/** Ways of writing a name of several words: `find_room`, `findRoom`, `find-room`, `FindRoom`. */
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
    `{A}.|{S}.|{A}|Use this to {a}.|Tool to {a}.|A tool that can {a}.|{a}|Call it to {a}.|{S} quickly.|{A} with one call.|Lets you {a}.|{S} if asked to.|Helps to {a}.|
    {A} and return the result.|{S} by its id.|{S} for a customer.|{A} in the background.|Can {a}.|With this one you can {a}.|{S} today.|{A}, then stop.|{S} and says when it is done.|
    You can {a} here.|To {a} call this one.|The tool to {a} with.|{A} again.|{S} of our company.`,
    "{S} for the user.|Call this to {a}.|{A} now.|This will {a}.",
  ),
  zh: halves(
    "{a}。|{a}|用来{a}。|{a}的工具|用它{a}。|能{a}。|给人{a}。|会{a}。|要{a}就用它。|{a}用的工具。|我们的{a}。|请用它{a}。|现在{a}。|{a}，很好用。",
    "这个工具{a}。|可以{a}。",
  ),
};

const describing = (random: Random, split: Split, language: Language) => () =>
  loosened(random, split, language, pick(random, DESCRIPTIONS[language][split]), true);

function wordTool(
  random: Random,
  split: Split,
  language: Language,
  verb: Bilingual,
  noun: Bilingual,
  bare: boolean,
  describe: () => string,
): Tool {
  const parameters = bare ? [] : drawFields(random, split, language, pick(random, [0, 1, 1, 2, 2, 2, 3, 3, 4]));
  const required = parameters.slice(0, between(random, Math.min(1, parameters.length), parameters.length)).map((p) => p.name);
  const name = nameOf(random, `${verb[0]}_${noun[0]}`.split("_"));
  const thing = noun[0].replaceAll("_", " ");
  const article = pick(random, ["a", "a", "the"]);
  const what = `${article === "a" && /^[aeiou]/.test(thing) ? "an" : article} ${thing}`;
  const action = language === "en" ? `${verb[0].replaceAll("_", " ")} ${what}` : `${verb[1]}${noun[1]}`;
  const does = /(?:s|x|sh|ch)$/.test(verb[0]) ? `${verb[0]}es` : `${verb[0]}s`;
  const description = describe()
    .replace("{A}", capital(action))
    .replace("{a}", action)
    .replace("{S}", `${capital(does.replaceAll("_", " "))} ${what}`);
  return {
    definition: { name, description, parameters: schemaOf(parameters, required) },
    required,
    request(random) {
      const given = parameters.filter((p) => required.includes(p.name) || chance(random, 0.5));
      const fields = given.map((p) => again(random, split, language, p));
      return askFor(random, split, language, action, chance(random, 0.3) ? shuffled(random, fields) : fields);
    },
  };
}

const ENDING = /[.?!。？！]?$/;

function familyTool(random: Random, split: Split, language: Language, family: Family): Tool {
  const usual = family.parameters.map(([name, kind]) => fieldOf(random, split, language, kind, name));
  const required = usual.map((p) => p.name);
  const drawn = chance(random, 0.4) ? drawFields(random, split, language, between(random, 1, 2)) : [];
  const extras = drawn.filter(({ name }) => !required.includes(name));
  return {
    definition: {
      name: family.name,
      description: family.description[language],
      parameters: schemaOf([...usual, ...extras], required),
    },
    required,
    request(random) {
      const kinds = new Map(family.parameters);
      const fields: Field[] = [];
      const wording = loosened(random, split, language, pick(random, family.asked[language]));
      const text = wording.replace(/\{(\w+)\}/g, (_, name) => {
        const kind = kinds.get(name)!;
        // A sentence without quotes can hold words, no list of them and no path.
        const field = kind === "string" ? wordField(random, split, language, name) : fieldOf(random, split, language, kind, name);
        fields.push(field);
        return field.spoken;
      });
      const given = extras.filter(() => chance(random, 0.4)).map((p) => again(random, split, language, p));
      if (given.length === 0) return { fields, text };
      const end = ENDING.exec(text)!;
      const more = mention(random, split, language, given);
      return { fields: [...fields, ...more.fields], text: text.slice(0, end.index) + more.text + end[0] };
    },
  };
}

/** The parameter with a new value. Enumerations keep theirs to choose from: they are part of the tool. */
function again(random: Random, split: Split, language: Language, field: Field): Field {
  const values = field.schema.enum as readonly string[] | undefined;
  if (!values) return fieldOf(random, split, language, kindOf(field), field.name);
  const value = pick(random, values);
  return { ...field, value, spoken: value };
}

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
