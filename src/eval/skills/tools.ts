import { dumpJson, type Message } from "../../text/index.ts";
import { mentions } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick, type Random, shuffled } from "../draw.ts";
import type { Example, ExampleOptions, Language, Level, Skill, Split } from "../skill.ts";
import { halvesOf, type Lists } from "../split.ts";
import { callOf, callsAre } from "../tools/calls.ts";
import { drawFields, type Field } from "../tools/field.ts";
import type { Request } from "../tools/request.ts";
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
    // In training fewer to read and more to call: for the same tokens it sees half as many tools again. Without parameters more yet to choose from.
    const bare = split === "train" && chance(random, 0.4);
    const count = split === "test" ? between(random, 1, 5) : bare ? between(random, 2, 7) : pick(random, [1, 1, 2, 2, 3, 4, 5]);
    const list = drawTools(random, split, language, count, bare);
    return pick(random, split === "train" ? TRAINED : TESTED)(random, split, options, list);
  },
};

type Scene = (random: Random, split: Split, options: ExampleOptions, tools: readonly Tool[]) => Example;

/** What is wanted, and the tool that does it if there is one. */
interface Wish extends Request {
  readonly tool?: Tool;
}

const wish = (random: Random, tool: Tool): Wish & { readonly tool: Tool } => ({ ...tool.request(random), tool });
const definitions = (tools: readonly Tool[]) => tools.map((tool) => tool.definition);
const written = ({ value }: Field): string => (typeof value === "string" ? value : dumpJson(value));

/**
 * What is thought before calls. At `low` the tool alone. At `high` what is wanted, and what is to be said of the result (`asked`); then what every
 * tool does with a verdict, so that both stand side by side; then the arguments with their types. At `max` what is required as well.
 */
function choose(notes: Notes, level: Level, tools: readonly Tool[], wishes: readonly Wish[], asked?: string): void {
  if (level !== "low") {
    for (const { action } of wishes) notes.line("want ", action);
    if (asked !== undefined) notes.line("then say ", asked);
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

const oneCall: Scene = (random, split, options, tools) => {
  const wanted = wish(random, pick(random, tools));
  const toolCalls = [callOf(wanted.tool.definition.name, wanted.fields)];
  const asked = chance(random, 0.2) ? drawFields(random, split, options.language, 1)[0]!.name : undefined;
  return compose(options, {
    prompt: asked === undefined ? wanted.text : askedOf(random, split, options.language, wanted.text, asked),
    tools: definitions(tools),
    think: (notes, level) => choose(notes, level, tools, [wanted], asked),
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
  const requests = chosen.map((tool) => wish(random, tool));
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
  // Arguments where no tool has any would tell.
  const bare = split === "train" && tools.every((tool) => tool.required.length === 0);
  const missing = drawTool(random, split, language, tools, bare).request(random);
  return compose(options, {
    prompt: missing.text,
    tools: definitions(tools),
    think: (notes, level) => choose(notes, level, tools, [missing]),
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

/** A request, and what is to be said of its result. */
const askedOf = (random: Random, split: Split, language: Language, text: string, name: string): string =>
  closed(text, language) + loosened(random, split, language, pick(random, ASK_RESULT[language][split]), true).replace("{f}", name);

const useResult: Scene = (random, split, options, tools) => {
  const { language } = options;
  const wanted = wish(random, pick(random, tools));
  const results = drawFields(random, split, language, between(random, 1, 3));
  const asked = pick(random, results);
  const value = written(asked);
  const content = language === "en" ? `The ${asked.name} is ${value}.` : `${asked.name}是${value}。`;
  const call = callOf(wanted.tool.definition.name, wanted.fields, "call_1");
  const earlier = new Notes();
  if (options.thinking) choose(earlier, options.thinking, tools, [wanted], asked.name);
  const messages: Message[] = [
    { role: "user", content: askedOf(random, split, language, wanted.text, asked.name) },
    { role: "assistant", content: "", toolCalls: [call], ...(options.thinking && { reasoning: earlier.text }) },
    { role: "tool", toolCallId: "call_1", content: dumpJson(Object.fromEntries(results.map((r) => [r.name, r.value]))) },
  ];
  return compose(options, {
    prompt: messages,
    tools: definitions(tools),
    think(notes, level) {
      notes.line("asked ", asked.name);
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
