import assert from "node:assert/strict";
import { test } from "node:test";
import type { TandemError } from "../../src/errors.ts";
import {
  type Answer,
  type Example,
  LANGUAGES,
  LEVELS,
  randomFor,
  SKILLS,
  type Skill,
  type Split,
  skillsNamed,
  transcript,
} from "../../src/eval/index.ts";
import { CHINESE } from "../../src/eval/words/chinese.ts";
import { type Dialect, dialect, type Segment, type ToolCall } from "../../src/text/index.ts";

const SPLITS: readonly Split[] = ["train", "test"];
const FORMS = [false, ...LEVELS] as const;
const V4 = (["v4", "v4-0731", "v4.1"] as const).map(dialect);

function* examplesOf(skill: Skill, count: number, splits = SPLITS): Generator<Example> {
  for (const split of splits)
    for (const language of LANGUAGES)
      for (const thinking of FORMS)
        for (let i = 0; i < count; i++) {
          const random = randomFor("tests", skill.name, split, language, i);
          yield skill.example(random, split, { language, thinking, length: 200 });
        }
}

const spelled = (segments: readonly Segment[]): string => segments.map((s) => ("text" in s ? s.text : s.control)).join("");
const EOS = "<｜end▁of▁sentence｜>";

/** An answer as it comes back from the model that was taught it. */
function readBack(example: Example, shown: Dialect): Answer {
  const { prompt, answer } = transcript(example, shown);
  const text = spelled(answer);
  assert.ok(text.endsWith(EOS));
  const parser = shown.parser(prompt.startsIn, { continues: prompt.continues, ...(example.tools && { tools: example.tools }) });
  let [reasoning, content] = ["", ""];
  const toolCalls: ToolCall[] = [];
  for (const event of [...parser.push(text.slice(0, -EOS.length)), ...parser.finish()]) {
    if (event.type === "reasoning") reasoning += event.text;
    else if (event.type === "content") content += event.text;
    else if (event.type === "tool-end") toolCalls.push(event.call);
    else assert.notEqual(event.type, "warning", JSON.stringify(event));
  }
  return { ...(reasoning && { reasoning }), content, ...(toolCalls.length > 0 && { toolCalls }) };
}

/** The same answer gone wrong in several ways. */
function spoiled({ content, toolCalls = [] }: Answer): Answer[] {
  if (toolCalls.length > 0) {
    const [first, ...rest] = toolCalls;
    const parsed = JSON.parse(first!.arguments);
    const [key] = Object.keys(parsed);
    const without = Object.fromEntries(Object.entries(parsed).filter(([k]) => k !== key));
    return [
      { content: "" },
      { content: "", toolCalls: rest },
      { content: "", toolCalls: [...toolCalls, first!] },
      { content: "", toolCalls: [{ ...first!, name: `${first!.name}s` }, ...rest] },
      ...(key === undefined
        ? []
        : [without, { ...parsed, [key]: typeof parsed[key] === "string" ? 7 : `${parsed[key]}` }].map((args) => ({
            content: "",
            toolCalls: [{ ...first!, arguments: JSON.stringify(args) }, ...rest],
          }))),
    ];
  }
  const otherDigit = content.replace(/\d(?=[^\d:]*$)/, (d) => String((Number(d) + 1) % 10));
  const otherLetters = [...content].map((c) => String.fromCodePoint(c.codePointAt(0)! + 1)).join("");
  return [
    { content: "" },
    { content, toolCalls: [{ name: "x", arguments: "{}" }] },
    { content: otherDigit !== content ? otherDigit : otherLetters },
  ].filter((answer) => answer.content !== content || answer.toolCalls);
}

for (const skill of SKILLS) {
  test(`${skill.name}: its own answers come back through every V4 dialect as they were, and are right`, () => {
    for (const example of examplesOf(skill, 12))
      for (const shown of V4) {
        const given = readBack(example, shown);
        const expected = {
          ...example.answer,
          ...(example.answer.toolCalls && { toolCalls: example.answer.toolCalls.map(({ id: _, ...call }) => call) }),
        };
        assert.deepEqual(given, expected);
        assert.deepEqual(example.check(given), { right: true });
        assert.equal(example.answer.reasoning !== undefined, example.thinking !== false);
      }
  });

  test(`${skill.name}: wrong answers are wrong, with a reason`, () => {
    for (const example of examplesOf(skill, 25, ["test"]))
      for (const answer of spoiled(example.answer)) {
        const { right, why } = example.check(answer);
        assert.ok(!right && why, `${JSON.stringify(answer)} for ${JSON.stringify(example.answer)}`);
      }
  });

  test(`${skill.name}: more effort, more thinking; the question stays the same`, () => {
    for (const split of SPLITS)
      for (let i = 0; i < 30; i++) {
        const [none, low, high, max] = FORMS.map((thinking) =>
          skill.example(randomFor("effort", skill.name, i), split, { language: LANGUAGES[i % 2]!, thinking, length: 200 }),
        );
        const asked = (e: Example | undefined) => e!.messages.filter(({ role }) => role === "user");
        for (const example of [low, high, max]) {
          assert.deepEqual(asked(example), asked(none));
          assert.deepEqual(example!.answer.content, none!.answer.content);
        }
        const length = (e: Example | undefined) => e!.answer.reasoning!.length;
        assert.ok(length(low) <= length(high) && length(high) <= length(max), none!.messages[0]!.content as string);
      }
    const mean = (thinking: (typeof LEVELS)[number]) => {
      const all = Array.from({ length: 60 }, (_, i) =>
        skill.example(randomFor("mean", skill.name, i), "test", { language: "en", thinking, length: 200 }),
      );
      return all.reduce((sum, e) => sum + e.answer.reasoning!.length, 0) / all.length;
    };
    assert.ok(mean("low") < mean("high") && mean("high") < mean("max"));
  });

  test(`${skill.name}: a seed makes an example, another seed another one, and the halves share no question`, () => {
    const prompts = (split: Split, seed: string) =>
      Array.from({ length: 300 }, (_, i) => {
        const example = skill.example(randomFor(seed, i), split, { language: LANGUAGES[i % 2]!, thinking: "max", length: 120 });
        return JSON.stringify([example.messages, example.tools, example.answer]);
      });
    assert.deepEqual(prompts("train", "a"), prompts("train", "a"));
    assert.ok(new Set([...prompts("train", "a"), ...prompts("train", "b")]).size > 310 || skill.name === "talk");
    const questions = (split: Split) =>
      new Set(
        Array.from({ length: 600 }, (_, i) => {
          const { messages } = skill.example(randomFor("q", i), split, { language: LANGUAGES[i % 2]!, thinking: false, length: 120 });
          return messages.map(({ content }) => content).join();
        }),
      );
    assert.equal(questions("train").intersection(questions("test")).size, 0);
  });
}

test("Chinese in tests needs no character but those listed, and every one of these is in use", () => {
  const used = new Set<string>();
  for (const skill of SKILLS)
    for (const split of SPLITS)
      for (let i = 0; i < 3000; i++) {
        const { messages, tools, answer } = skill.example(randomFor("c", i, skill.name, split), split, { language: "zh", thinking: "max" });
        for (const character of JSON.stringify([messages, tools, answer]))
          if (character > "\u2e80" && (split === "test" || CHINESE.includes(character))) used.add(character);
      }
  assert.equal([...used].sort().join(""), CHINESE);
});

test("long prompts have the length that was asked for, by the tokens they are counted in", () => {
  const tokens = (text: string) => text.length / 2;
  const skill = SKILLS.find(({ long }) => long)!;
  for (const language of LANGUAGES)
    for (const length of [128, 1024, 8192]) {
      const { messages } = skill.example(randomFor("long", length), "test", { language, thinking: false, length, tokens });
      const used = tokens(messages[0]!.content as string);
      assert.ok(used <= length && used > 0.9 * length - 64, `${used} of ${length}`);
    }
});

test("keys and values come to an end where the words of a list do not suffice for all", () => {
  const skill = SKILLS.find(({ name }) => name === "retrieval")!;
  for (const split of SPLITS)
    for (let i = 0; i < 1500; i++) {
      const { answer } = skill.example(randomFor("end", i), split, { language: "zh", thinking: false, length: 400 });
      assert.notEqual(answer.content, "");
    }
});

test("skills are found by name, or the names are told", () => {
  assert.deepEqual(
    skillsNamed(["dates", "addition"]).map(({ name }) => name),
    ["dates", "addition"],
  );
  assert.equal(skillsNamed(), SKILLS);
  assert.throws(
    () => skillsNamed(["adition"]),
    (error: TandemError) => error.code === "eval/unknown-skill" && error.message.includes("multiplication"),
  );
});
