import { dumpJson } from "../../text/index.ts";
import { RIGHT, withoutCalls, wrong } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick } from "../draw.ts";
import type { Skill } from "../skill.ts";
import { halvesOf, type Lists } from "../split.ts";
import { sortedJson } from "../tools/calls.ts";
import { drawFields, type Field } from "../tools/field.ts";
import { fitsSchema } from "../tools/fits-schema.ts";
import { schemaOf } from "../tools/tool.ts";
import { looselyJoined, loosened } from "../words/loosened.ts";

/** What stands before the facts, between name and value, and between facts. */
type Telling = readonly [before: string, is: string, after: string];

const TELLINGS: Lists<Telling> = {
  en: halvesOf<Telling>(
    [
      ["Answer as JSON. ", " is ", ". "],
      ["Put this into JSON: ", ": ", "; "],
      ["", " = ", ". "],
      ["Write the facts as JSON.\n", ": ", "\n"],
      ["Return a JSON object. ", " is ", ", "],
      ["Make JSON of this: ", " = ", ", "],
      ["Convert to JSON: ", ": ", ", "],
      ["Turn this into JSON.\n", " = ", "\n"],
      ["", ": ", ", "],
      ["", " is ", " and "],
      ["", " ", ", "],
      ["Please answer in JSON: ", " is ", ", "],
      ["I need this as a JSON object: the ", " is ", ", the "],
      ["The ", " is ", ", the "],
      ["Data:\n- ", ": ", "\n- "],
      ["Here are the facts. ", ": ", ". "],
      ["Extract the fields: ", " is ", "; "],
      ["Fill in the schema. ", " - ", ", "],
      ["Format as JSON: ", "=", " "],
      ["Reply with JSON only. ", " set to ", ", "],
      ["My ", " is ", " and my "],
      ["We know that ", " is ", ", "],
      ["Record: ", " ", "; "],
      ["Produce JSON from: ", ": ", " | "],
      ["Answer with an object. ", " is ", ", and "],
      ["Encode as JSON. ", " -> ", ", "],
      ["Parse this: ", " = ", "; "],
      ["Values: ", " ", ", "],
      ["Write down as JSON that ", " is ", " and that "],
      ["Structured data, please. ", ": ", ", "],
      ["{", ": ", ", "],
      ["This is the form: ", " - ", "; "],
      ["Someone told me that ", " is ", ", that "],
      ["I have ", " ", " and "],
      ["Its ", " is ", ", its "],
      ["An object with ", " ", ", "],
      ["", " was ", ", "],
      ["", " has the value ", ". "],
    ],
    [
      ["Give me JSON for this: ", " is ", "; "],
      ["JSON, please. ", ": ", ". "],
      ["Express this in JSON form: ", " equals ", ", "],
      ["As JSON: ", " is ", " and "],
    ],
  ),
  zh: halvesOf<Telling>(
    [
      ["用JSON回答。", "是", "。"],
      ["写成JSON：", "：", "；"],
      ["", "为", "，"],
      ["", "是", "，"],
      ["请写成JSON：", "=", "；"],
      ["写出JSON。", "：", "。"],
      ["我的", "是", "，"],
      ["JSON：", " ", "、"],
      ["请看：", "：", "\n"],
      ["现在", "是", "，"],
    ],
    [
      ["请写JSON。", "=", "，"],
      ["请用JSON写：", "是", "；"],
    ],
  ),
};
const SCHEMA_IS: Lists = {
  en: {
    train: ["\nThe schema is ", "\nSchema: ", "\nUse this schema: ", "\n\nJSON schema:\n", " Follow this schema: "],
    test: ["\nThe schema is ", "\nIt must fit this schema: "],
  },
  zh: { train: ["\n格式是", "\n格式：", "\n用这个格式："], test: ["\n格式是", "\n请用格式"] },
};

/** An object of fields; one of them may be an object again. */
export const json: Skill = {
  name: "json",
  title: "JSON answers to a schema",
  example(random, split, options) {
    const { language } = options;
    const all = drawFields(random, split, language, between(random, 1, 5));
    const inner = all.length > 3 && chance(random, 0.4) ? all.splice(1, 3) : [];
    const [name, ...nested] = inner;
    const told = name ? [...all, ...nested] : all;
    const fields: Field[] = name ? [...all, group(name, nested)] : all;
    const schema = {
      ...schemaOf(
        fields,
        fields.map((f) => f.name),
      ),
      additionalProperties: false,
    };
    const value = objectOf(fields);
    const [before, is, after] = looselyJoined(random, split, TELLINGS[language]);
    const facts = loosened(random, split, language, before, true) + told.map((f) => `${f.name}${is}${f.spoken}`).join(after);
    const asked = chance(random, 0.6);
    return compose(options, {
      prompt: asked
        ? facts
        : `${facts}${loosened(random, split, language, pick(random, SCHEMA_IS[language][split]), true)}${dumpJson(schema)}`,
      ...(asked && { responseFormat: { type: "json_schema", json_schema: { name: "answer", schema } } }),
      think(notes, level) {
        notes.line("keys ", fields.map((f) => f.name).join(" "));
        if (level === "low") return;
        for (const f of told) notes.line(`${f.name} ${f.schema.type} ${typeof f.value === "string" ? f.value : dumpJson(f.value)}`);
        if (level === "max") notes.line(`${fields.length} keys right`);
      },
      content: dumpJson(value),
      check: withoutCalls((content) => {
        const said = sortedJson(content);
        if (said === undefined) return wrong("not JSON");
        if (!fitsSchema(JSON.parse(content), schema)) return wrong("not to the schema");
        return said === sortedJson(dumpJson(value)) ? RIGHT : wrong("wrong value");
      }),
    });
  },
};

const objectOf = (fields: readonly Field[]) => Object.fromEntries(fields.map((f) => [f.name, f.value]));

/** A field that holds others, under the name of one. */
function group({ name }: Field, fields: readonly Field[]): Field {
  return {
    name,
    schema: schemaOf(
      fields,
      fields.map((f) => f.name),
    ),
    value: objectOf(fields) as never,
    spoken: "",
  };
}
