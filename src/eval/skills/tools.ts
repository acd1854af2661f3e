import { dumpJson, type Message } from "../../text/index.ts";
import { mentions } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick, type Random, shuffled } from "../draw.ts";
import type { Example, ExampleOptions, Language, Level, Skill, Split } from "../skill.ts";
import { halvesOf, type Lists } from "../split.ts";
import { callOf, callsAre } from "../tools/calls.ts";
import { drawFields, type Field } from "../tools/field.ts";
import { drawTool, drawTools, type Tool } from "../tools/tool.ts";
import { loosened } from "../words/loosened.ts";
import { Notes } from "../working/notes.ts";

const NO_TOOL: Readonly<Record<Language, string>> = { en: "None of my tools can do that.", zh: "我的工具都做不到。" };
const AND: Lists = {
  en: halvesOf(
    [" Then ", " And then ", "\n", " And ", " Next ", " Second: ", " Afterwards: ", " Finally: ", "; ", " and also: "],
    [" After that: ", " Also: ", " Then also "],
  ),
  zh: halvesOf(["然后", "\n", "还要", "又", "，", "最后"], ["再", "然后再"]),
};

export const tools: Skill = {
  name: "tools",
  title: "tool calls: the right tool, its arguments, several, none, and the use of results",
  example(random, split, options) {
    const { language } = options;
    // In training fewer to read and more to call: for the same tokens it sees half as many tools again.
    const count = split === "train" ? pick(random, [1, 1, 2, 2, 3, 4, 5]) : between(random, 1, 5);
    const list = drawTools(random, split, language, count);
    return pick(random, split === "train" ? TRAINED : TESTED)(random, split, options, list);
  },
};

interface Wanted {
  readonly tool: Tool;
  readonly fields: readonly Field[];
}
type Scene = (random: Random, split: Split, options: ExampleOptions, tools: readonly Tool[]) => Example;

const definitions = (tools: readonly Tool[]) => tools.map((tool) => tool.definition);

/** What is thought before calls: the tool; at `high` every tool with a verdict and the arguments with their types; at `max` what is required as well. */
function choose(notes: Notes, level: Level, tools: readonly Tool[], wanted: readonly Wanted[]): void {
  const names = new Set(wanted.map(({ tool }) => tool.definition.name));
  if (level !== "low") for (const { definition } of tools) notes.line(definition.name, names.has(definition.name) ? " yes" : " no");
  if (wanted.length === 0) notes.line("no tool");
  for (const { tool, fields } of wanted) {
    notes.line("call ", tool.definition.name);
    if (level === "low") continue;
    for (const { name, schema, value } of fields)
      notes.line(`${name} ${schema.type} ${typeof value === "string" ? value : dumpJson(value)}`);
    if (level === "max") notes.line("required ", tool.required.join(" ") || "nothing", " right");
  }
}

const oneCall: Scene = (random, _split, options, tools) => {
  const tool = pick(random, tools);
  const { fields, text } = tool.request(random);
  const toolCalls = [callOf(tool.definition.name, fields)];
  return compose(options, {
    prompt: text,
    tools: definitions(tools),
    think: (notes, level) => choose(notes, level, tools, [{ tool, fields }]),
    content: "",
    toolCalls,
    check: callsAre(toolCalls),
  });
};

/** With a mark at its end: what follows is not part of the last value. */
const closed = (text: string, language: Language): string =>
  /[.?!。？！]$/.test(text) ? text : `${text}${language === "en" ? "." : "。"}`;

const twoCalls: Scene = (random, split, options, tools) => {
  const chosen = chance(random, 0.4) ? Array<Tool>(2).fill(pick(random, tools)) : shuffled(random, tools).slice(0, 2);
  const requests = chosen.map((tool) => ({ tool, ...tool.request(random) }));
  const toolCalls = requests.map(({ tool, fields }) => callOf(tool.definition.name, fields));
  return compose(options, {
    prompt: requests.map(({ text }) => closed(text, options.language)).join(pick(random, AND[options.language][split])),
    tools: definitions(tools),
    think: (notes, level) => choose(notes, level, tools, requests),
    content: "",
    toolCalls,
    check: callsAre(toolCalls),
  });
};

const noCall: Scene = (random, split, options, tools) => {
  const { language } = options;
  const missing = drawTool(random, split, language, tools);
  return compose(options, {
    prompt: missing.request(random).text,
    tools: definitions(tools),
    think: (notes, level) => choose(notes, level, tools, []),
    content: NO_TOOL[language],
    check: mentions([language === "en" ? "None of my tools" : "做不到"]),
  });
};

const ASK_RESULT: Lists = {
  en: halvesOf(
    [
      " What is the {f}?",
      " Tell me the {f}.",
      " I want to know the {f}.",
      " Which {f} does it have?",
      " What {f}?",
      " Give me the {f}.",
      " What's the {f}?",
      " Say what {f} comes out.",
      " What {f} do you get?",
      " Report the {f}.",
      " And what is its {f}?",
      " Show me the {f}.",
      " I'm interested in the {f}.",
    ],
    [" Then tell me its {f}.", " I need the {f}.", " Let me know the {f}."],
  ),
  zh: halvesOf(["{f}是多少？", "请说{f}。", "{f}是什么？", "告诉我{f}。", "说出{f}。", "{f}呢？"], ["我要知道{f}。", "请问{f}？"]),
};

const useResult: Scene = (random, split, options, tools) => {
  const { language } = options;
  const tool = pick(random, tools);
  const { fields, text } = tool.request(random);
  const results = drawFields(random, split, language, between(random, 1, 3));
  const asked = pick(random, results);
  const value = typeof asked.value === "string" ? asked.value : dumpJson(asked.value);
  const content = language === "en" ? `The ${asked.name} is ${value}.` : `${asked.name}是${value}。`;
  const call = callOf(tool.definition.name, fields, "call_1");
  const earlier = new Notes();
  if (options.thinking) choose(earlier, options.thinking, tools, [{ tool, fields }]);
  const messages: Message[] = [
    {
      role: "user",
      content:
        closed(text, language) +
        loosened(random, split, language, pick(random, ASK_RESULT[language][split]), true).replace("{f}", asked.name),
    },
    { role: "assistant", content: "", toolCalls: [call], ...(options.thinking && { reasoning: earlier.text }) },
    { role: "tool", toolCallId: "call_1", content: dumpJson(Object.fromEntries(results.map((r) => [r.name, r.value]))) },
  ];
  return compose(options, {
    prompt: messages,
    tools: definitions(tools),
    think(notes, level) {
      notes.line("result");
      if (level !== "low") for (const { name, value } of results) notes.line(`${name} ${dumpJson(value)}`);
      notes.line(`${asked.name} ${value}`);
    },
    content,
    check: mentions(
      [value],
      results.map((r) => String(r.value)).filter((other) => !content.includes(other)),
    ),
  });
};

const TESTED = [oneCall, oneCall, oneCall, twoCalls, noCall, useResult];
const TRAINED = [oneCall, oneCall, twoCalls, twoCalls, noCall, useResult];
