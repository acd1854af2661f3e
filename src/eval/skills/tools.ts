import { dumpJson } from "../../text/index.ts";
import { mentions } from "../checks.ts";
import { compose, type Draft, type Turn } from "../compose.ts";
import { between, chance, pick, type Random, shuffled } from "../draw.ts";
import type { Language, Skill, Split } from "../skill.ts";
import { halvesOf, type Lists } from "../split.ts";
import { callOf, callsAre } from "../tools/calls.ts";
import { choose, type Wish, written } from "../tools/choose.ts";
import { drawFields, type Field } from "../tools/field.ts";
import { drawTool, drawTools, type Tool } from "../tools/tool.ts";
import { loosened } from "../words/loosened.ts";

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
    // In training fewer to read and more to call. Without parameters more yet to choose from.
    const bare = split === "train" && chance(random, 0.4);
    const count = split === "test" ? between(random, 1, 5) : bare ? between(random, 2, 7) : pick(random, [1, 1, 2, 2, 3, 4, 5]);
    const list = drawTools(random, split, language, count, bare);
    // Reading a list costs more than an answer, so that training asks several things of each.
    const before = split === "train" ? between(random, 0, bare ? 9 : 5) : 0;
    const play = () => pick(random, split === "train" ? TRAINED : TESTED)(random, split, language, list);
    const earlier = Array.from({ length: before }, () => finished(random, split, language, play()));
    const last = play();
    return compose(options, {
      ...last.at(-1)!,
      earlier: [...earlier.flat(), ...last.slice(0, -1)],
      tools: list.map((tool) => tool.definition),
    });
  },
};

/** Turns about a list of tools; the last is what is asked, those before lead to it. */
type Scene = (random: Random, split: Split, language: Language, tools: readonly Tool[]) => readonly Judged[];
type Judged = Turn & Pick<Draft, "check"> & { /** What is to be said of the result of the call. */ readonly asked?: Field };

const wish = (random: Random, tool: Tool): Wish & { readonly tool: Tool } => ({ ...tool.request(random), tool });

/** With a mark at its end: what follows is not part of the last value. */
const closed = (text: string, language: Language): string =>
  /[.?!。？！]$/.test(text) ? text : `${text}${language === "en" ? "." : "。"}`;

/** Calls for wishes; ids tie results to them. */
function calling(prompt: string, tools: readonly Tool[], wishes: readonly (Wish & { readonly tool: Tool })[], asked?: Field): Judged {
  const toolCalls = wishes.map(({ tool, fields }, i) => callOf(tool.definition.name, fields, `call_${i + 1}`));
  return {
    prompt,
    think: (notes, level) => choose(notes, level, tools, wishes, asked),
    content: "",
    toolCalls,
    ...(asked && { asked }),
    check: callsAre(toolCalls),
  };
}

/** A request, and perhaps what is to be said of its result. */
function oneWish(random: Random, split: Split, language: Language, tools: readonly Tool[], asks: boolean): Judged {
  const wanted = wish(random, pick(random, tools));
  if (!asks) return calling(wanted.text, tools, [wanted]);
  const asked = drawFields(random, split, language, 1)[0]!;
  const asking = loosened(random, split, language, pick(random, ASK_RESULT[language][split]), true).replace("{f}", asked.name);
  return calling(closed(wanted.text, language) + asking, tools, [wanted], asked);
}

const oneCall: Scene = (random, split, language, tools) => [oneWish(random, split, language, tools, chance(random, 0.2))];

const twoCalls: Scene = (random, split, language, tools) => {
  const chosen = chance(random, 0.4) ? Array<Tool>(2).fill(pick(random, tools)) : shuffled(random, tools).slice(0, 2);
  const wishes = chosen.map((tool) => {
    const wanted = wish(random, tool);
    return { ...wanted, text: closed(wanted.text, language) };
  });
  return [calling(wishes.map(({ text }) => text).join(pick(random, AND[language][split])), tools, wishes)];
};

const noCall: Scene = (random, split, language, tools) => {
  // Arguments where no tool has any would tell.
  const bare = split === "train" && tools.every((tool) => tool.required.length === 0);
  const missing = drawTool(random, split, language, tools, bare).request(random);
  return [
    {
      prompt: missing.text,
      think: (notes, level) => choose(notes, level, tools, [missing]),
      content: NO_TOOL[language],
      check: mentions([language === "en" ? "None of my tools" : "做不到"]),
    },
  ];
};

const useResult: Scene = (random, split, language, tools) =>
  finished(random, split, language, [oneWish(random, split, language, tools, true)]);

/** Calls with their results, and what is said of these: what was asked, else all of it. */
function finished(random: Random, split: Split, language: Language, turns: readonly Judged[]): readonly Judged[] {
  const { toolCalls = [], asked } = turns.at(-1)!;
  if (toolCalls.length === 0) return turns;
  const drawn = drawFields(random, split, language, between(random, 1, asked ? 3 : toolCalls.length));
  const results = asked ? shuffled(random, [asked, ...drawn.slice(1).filter(({ name }) => name !== asked.name)]) : drawn;
  const told = asked ? [asked] : results;
  const content = told
    .map((field) => (language === "en" ? `The ${field.name} is ${written(field)}.` : `${field.name}是${written(field)}。`))
    .join(language === "en" ? " " : "");
  // The results of several calls come one after the other, each with its part.
  const part = (call: number) => results.filter((_, i) => Math.min(i, toolCalls.length - 1) === call);
  return [
    ...turns,
    {
      prompt: toolCalls.map(({ id }, call) => ({
        role: "tool",
        toolCallId: id!,
        content: dumpJson(Object.fromEntries(part(call).map((r) => [r.name, r.value]))),
      })),
      think(notes, level) {
        notes.line("asked ", asked?.name ?? "all");
        if (level !== "low") for (const { name, value } of results) notes.line(`${name} ${dumpJson(value)}`);
        if (asked) notes.line(`${asked.name} ${written(asked)}`);
      },
      content,
      check: mentions(
        told.map(written),
        results.map(written).filter((other) => !content.includes(other)),
      ),
    },
  ];
}

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
      " Then say the {f}.",
      " And then report its {f}.",
      " After it I want the {f}.",
      " Next, what is its {f}?",
      " Finally tell us its {f}.",
      " The {f}?",
      " {f}?",
    ],
    [" Then tell me its {f}.", " I need the {f}.", " Let me know the {f}."],
  ),
  zh: halvesOf(
    [
      "{f}是多少？",
      "请说{f}。",
      "{f}是什么？",
      "告诉我{f}。",
      "说出{f}。",
      "{f}呢？",
      "我想知道{f}。",
      "你知道{f}吗？",
      "然后说{f}。",
      "最后给我{f}。",
      "有什么{f}？",
      "{f}是哪个？",
      "看看{f}是什么。",
      "请写{f}。",
    ],
    ["我要知道{f}。", "请问{f}？"],
  ),
};

const TESTED = [oneCall, oneCall, oneCall, twoCalls, noCall, useResult];
const TRAINED = [oneCall, oneCall, twoCalls, twoCalls, noCall, useResult];
