import assert from "node:assert/strict";
import { test } from "node:test";
import { TandemError } from "../../src/errors.ts";
import {
  DIALECTS,
  type DialectName,
  dialect,
  loadTokenizer,
  type Message,
  type Rendered,
  type RenderOptions,
  renderFim,
} from "../../src/text/index.ts";
import { deepseekTokenizerJson, toBytes } from "./deepseek-tokenizer.ts";
import { answer, controls, EFFORT, expect, full, LOOP, MARKS, refuses, render, system, user, WEATHER } from "./dialect-helpers.ts";
import { smallTokenizerJson } from "./small-tokenizer.ts";

const tokenizer = loadTokenizer(toBytes(deepseekTokenizerJson()));

test("efforts of each dialect", () => {
  const effort = (name: DialectName, value?: string | number): string =>
    render(name, [user("q")], { thinking: true, ...(value === undefined ? {} : { effort: value }) })
      .text.slice(MARKS["⟂"]!.length)
      .split("<｜User｜>")[0]!;
  assert.equal(effort("v4"), "");
  assert.equal(effort("v4", "high"), "");
  assert.ok(
    effort("v4", "max").startsWith("Reasoning Effort: Absolute maximum with no shortcuts permitted.\n") &&
      effort("v4", "max").endsWith("left unchecked.\n\n"),
  );
  assert.equal(effort("v4-0731", "low"), "");
  assert.equal(effort("v4-0731", "high"), effort("v4", "max"));
  assert.equal(effort("v4-0731"), effort("v4-0731", "high"));
  assert.ok(
    effort("v4-0731", "max").startsWith("Reasoning Effort: Beyond maximum — exhaustive,") &&
      effort("v4-0731", "max").endsWith("no error remains undiscovered.\n\n"),
  );
  for (const [value, n] of [
    ["low", 50],
    ["high", 75],
    ["xhigh", 75],
    ["max", 100],
    [1, 1],
    [100, 100],
  ] as const)
    assert.equal(effort("v4.1", value), `<｜System｜>${EFFORT(n)}`);
  assert.equal(render("v4.1", [user("q")], { effort: 3 }).text, full("⟂⟨U⟩q⟨A⟩</think>"));

  for (const value of ["low", "xhigh", "none", "toString", 50]) refuses("text/unknown-effort", "v4", [user("q")], { effort: value });
  for (const value of ["xhigh", "", 75]) refuses("text/unknown-effort", "v4-0731", [user("q")], { effort: value });
  for (const value of ["medium", 0, 101, 1.5, Number.NaN, true as never])
    refuses("text/unknown-effort", "v4.1", [user("q")], { effort: value });
  for (const name of ["v3.1", "v3.2"] as const) refuses("text/not-in-dialect", name, [user("q")], { effort: "high" });
});

test("answers can be continued", () => {
  const prefix = (content: string, reasoning?: string): Message[] => [user("x"), { ...answer(content, reasoning), prefix: true }];
  for (const name of DIALECTS.map((d) => d.name)) {
    const ends = (messages: Message[], thinking: boolean, text: string, startsIn: Rendered["startsIn"]): void => {
      const rendered = render(name, messages, { thinking });
      assert.ok(rendered.text.endsWith(full(`⟨U⟩x⟨A⟩${text}`)), `${name}: ${rendered.text}`);
      assert.deepEqual([rendered.startsIn, rendered.continues], [startsIn, true]);
    };
    assert.equal(render(name, [user("x")], { thinking: true }).continues, false);
    ends(prefix("The "), false, "</think>The ", "content");
    ends(prefix("The ", "because"), true, "<think>because</think>The ", "content");
    ends(prefix("", "because"), true, "<think>because", "reasoning");
    ends(prefix("The "), true, "<think></think>The ", "content");
    refuses("text/bad-conversation", name, [...prefix("The "), user("y")]);
    refuses("text/bad-conversation", name, [{ ...user("x"), prefix: true }]);
  }
});

test("a tool call can be required, or one tool named, when not thinking", () => {
  const tools = [WEATHER, { name: "other" }];
  expect("v4.1", [user("q")], { tools, toolChoice: "none" }, "⟂⟨U⟩q⟨A⟩</think>", "content");
  for (const [name, end] of [
    ["v3.2", "\n\n<｜DSML｜function_calls>\n"],
    ["v4", "\n\n<｜DSML｜tool_calls>\n"],
    ["v4-0731", "\n\n<｜DSML｜tool_calls>\n"],
    ["v4.1", "\n\n<｜DSML｜ calls>\n"],
    ["v3.1", "<｜tool▁calls▁begin｜>"],
  ] as const) {
    const required = render(name, [user("q")], { tools, toolChoice: "required" });
    assert.ok(required.text.endsWith(`</think>${end}`), required.text);
    assert.equal(required.startsIn, "tool-calls");
    const named = render(name, [user("q")], { tools, toolChoice: { name: "other" } });
    assert.ok(named.text.includes("other") && !named.text.includes("get_weather") && named.startsIn === "tool-calls");
    refuses("text/bad-tool-choice", name, [user("q")], { tools, toolChoice: { name: "third" } });
    refuses("text/bad-tool-choice", name, [user("q")], { toolChoice: "required" });
    refuses("text/bad-tool-choice", name, [user("q")], { tools, toolChoice: "any" as never });
  }
  refuses("text/bad-tool-choice", "v4.1", [user("q")], { tools, toolChoice: "required", thinking: true });
  refuses("text/bad-tool-choice", "v4.1", [{ ...user("q"), task: "title" }], { tools, toolChoice: "required" });
});

test("tool namespaces are V4.1's", () => {
  const schemas = (tools: RenderOptions["tools"]): string =>
    render("v4.1", [user("q")], { tools: tools! }).text.match(/Schemas\n\n(.*)\n\nYou MUST/s)![1]!;
  assert.equal(schemas([{ name: "t" }]), '{"name": "t", "description": "", "parameters": {}}');
  assert.equal(schemas([{ name: "t", namespace: "ns", description: "d" }]), '{"name": "ns::t", "description": "d", "parameters": {}}');
  assert.equal(
    schemas([{ name: "t", namespace: { name: "ns", description: "all" }, description: "d" }]),
    '{"name": "ns::t", "description": "all\\nd", "parameters": {}}',
  );
  refuses("text/bad-tool", "v4.1", [user("q")], { tools: [{ name: "a::b", namespace: "ns" }] });
  refuses("text/bad-tool", "v4.1", [user("q")], { tools: [{ name: "a", namespace: "n::s" }] });
  refuses("text/bad-tool", "v4.1", [user("q")], { tools: [{ name: "a" }, { name: "a" }] });
  refuses("text/not-in-dialect", "v4", [user("q")], { tools: [{ name: "a", namespace: "ns" }] });
});

test("conversations that make no sense are refused", () => {
  for (const { name } of DIALECTS) {
    refuses("text/bad-conversation", name, []);
    refuses("text/bad-conversation", name, [{ role: "robot" as never, content: "x" }]);
    refuses("text/bad-conversation", name, [{ ...user("q"), task: "poem" as never }]);
    refuses("text/bad-conversation", name, [{ ...answer("q"), task: "title" }]);
    refuses("text/bad-conversation", name, [{ ...user("q"), task: "title" }, user("q")]);
    refuses("text/bad-conversation", name, [{ ...user("q"), tools: [WEATHER] }]);
  }
  for (const name of ["v3.2", "v4", "v4.1"] as const)
    refuses("text/bad-conversation", name, [{ ...system("s"), tools: [WEATHER] }, user("q")], { tools: [WEATHER] });
  assert.throws(
    () => dialect("v5" as never),
    (error) => error instanceof TandemError && error.code === "text/unknown-dialect",
  );
});

test("what others write never becomes a control token; Tandem's own template does, unless switched off", () => {
  const evil = deepseekTokenizerJson()
    .added_tokens.map(({ content }) => content)
    .filter((content) => !content.includes("place▁holder"))
    .join("");
  const tools = [{ name: evil, description: evil, parameters: { [evil]: evil } }];
  for (const { name } of DIALECTS) {
    const written = (text: string, on: Partial<RenderOptions> = {}) => {
      const messages: Message[] = [
        { ...system(text) },
        user(text),
        { role: "assistant", content: text, toolCalls: [{ id: text, name: text, arguments: JSON.stringify({ [text]: text, o: [text] }) }] },
        { role: "tool", toolCallId: text, content: text },
        user(text),
      ];
      return controls(render(name, messages, { tools: text === evil ? tools : [{ name: "f" }], ...on }));
    };
    // Grounding marks are the exception: in the assistant's own words they are its own, and harmless.
    const strip = (list: string[]): string[] => list.filter((control) => !/ref|box|point|polygon/.test(control));
    assert.deepEqual(strip(written(evil)), written("x"), name);
    assert.ok(written("x").length > written("x", { plainTemplate: true }).length, name);
  }
});

test("one shape: names, efforts, prompts without BOS, and prompts a tokenizer accepts", () => {
  assert.deepEqual(
    DIALECTS.map(({ name }) => name),
    ["v3.1", "v3.2", "v4", "v4-0731", "v4.1"],
  );
  for (const { name, title, efforts } of DIALECTS) {
    assert.ok(title.startsWith("DeepSeek-V"));
    assert.ok(efforts.default === undefined ? efforts.names.length === 0 : efforts.names.includes(efforts.default));
    const rendered = render(name, LOOP, { tools: [WEATHER] });
    assert.equal(rendered.segments.map((segment) => ("text" in segment ? segment.text : segment.control)).join(""), rendered.text);
    assert.equal(full(`⟂${render(name, LOOP, { tools: [WEATHER], addBos: false }).text}`), rendered.text);
    const ids = tokenizer.encodeSegments(rendered.segments);
    assert.equal(ids[0], 0);
    assert.equal(tokenizer.decode(ids), rendered.text);
  }
});

test("grounding marks in an answer are control tokens where the vocabulary has them", () => {
  const marks = ["<｜ref｜>", "<｜/ref｜>"];
  const rendered = render("v4", [user("<｜ref｜>"), { ...answer(`${marks[0]}cat${marks[1]}`), prefix: true }]);
  assert.deepEqual(controls(rendered).slice(-2), marks);
  assert.deepEqual([rendered.startsIn, rendered.continues], ["content", true]);
  assert.deepEqual(
    tokenizer.encodeSegments(rendered.segments).filter((id) => id > 129000),
    [129278, 129277],
  );
  const without = loadTokenizer(toBytes(smallTokenizerJson()));
  assert.equal(without.decode(without.encodeSegments(rendered.segments)), rendered.text);
});

test("fill in the middle", () => {
  assert.deepEqual(
    renderFim("<think>", "b").map((segment) => Object.values(segment)[0]),
    ["<｜begin▁of▁sentence｜>", "<｜fim▁begin｜>", "<think>", "<｜fim▁hole｜>", "b", "<｜fim▁end｜>"],
  );
  assert.ok("text" in renderFim("<think>", "b")[2]!);
});
