import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message, RenderOptions } from "../../src/text/index.ts";
import { answer, EFFORT, expect, full, LOOP, refuses, render, system, user, WEATHER } from "./dialect-helpers.ts";

test("V4.1: published examples", () => {
  expect("v4.1", [user("hello")], {}, "⟂⟨U⟩hello⟨A⟩</think>", "content");
  expect(
    "v4.1",
    [system("You are a helpful assistant."), user("hello")],
    {},
    "⟂⟨S⟩You are a helpful assistant.⟨U⟩hello⟨A⟩</think>",
    "content",
  );
  expect("v4.1", [user("question")], { thinking: true }, `⟂⟨S⟩${EFFORT(75)}⟨U⟩question⟨A⟩<think>`, "reasoning");
  const middle = [system("sys"), user("q1"), answer("a1", "r1"), system("mid sys")];
  expect("v4.1", middle, { thinking: true, effort: 88 }, `⟂⟨S⟩${EFFORT(88)}sys⟨U⟩q1⟨A⟩</think>a1∎⟨S⟩mid sys⟨A⟩<think>`, "reasoning");
  expect(
    "v4.1",
    [user("q1"), answer("a1", "r1"), user("q2")],
    { thinking: true },
    `⟂⟨S⟩${EFFORT(75)}⟨U⟩q1⟨A⟩</think>a1∎⟨U⟩q2⟨A⟩<think>`,
    "reasoning",
  );
  const image: Message = {
    role: "user",
    content: [
      { type: "text", text: "inspect" },
      { type: "image", source: null },
    ],
  };
  expect("v4.1", [image], {}, "⟂⟨U⟩inspect\n\n<｜deepseek_image｜>⟨A⟩</think>", "content");
  expect("v4.1", [{ ...user("classify me"), task: "query" }], {}, "⟂⟨U⟩classify me<｜query｜>", "content");
});

test("V4.1: the tool loop", () => {
  const loop =
    '⟨U⟩Rome weather?⟨A⟩<think>Need tool.</think>\n\n<｜DSML｜ calls>\n<｜DSML｜ invoke name="get_weather">\n' +
    '<｜DSML｜ parameter name="city" string="true">Rome</｜DSML｜ parameter>\n<｜DSML｜ parameter name="days" string="false">2</｜DSML｜ parameter>\n' +
    '</｜DSML｜ invoke>\n</｜DSML｜ calls>∎⟨U⟩<tool_result>{"c":18}</tool_result>⟨A⟩<think>';
  const { text } = render("v4.1", LOOP, { thinking: true, tools: [WEATHER] });
  assert.ok(text.endsWith(full(loop)));
  assert.ok(text.startsWith(full(`⟂⟨S⟩${EFFORT(75)}\n\n## Tools\n\nYou have access to a set of tools`)));
  assert.ok(
    text.includes(
      '\n\n{"name": "get_weather", "description": "Weather", "parameters": {"type": "object"}}\n\nYou MUST strictly follow the above defined tool name and parameter schemas to invoke tool calls.\n<｜User｜>',
    ),
  );
});

test("arguments encoded more than once are unwrapped; what is no object is passed on whole", () => {
  const parameters = (args: string): string =>
    render("v4", [user("q"), { role: "assistant", toolCalls: [{ name: "f", arguments: args }] }])
      .text.split('<｜DSML｜invoke name="f">\n')[1]!
      .split("\n</｜DSML｜invoke>")[0]!;
  const object = '{"a": 1.0}';
  const once = '<｜DSML｜parameter name="a" string="false">1.0</｜DSML｜parameter>';
  for (const args of [object, JSON.stringify(object), JSON.stringify(JSON.stringify(object))]) assert.equal(parameters(args), once);
  for (const args of ["", "not json", "[1]", "3", '"text"', '{"a": 1', "null"])
    assert.equal(parameters(args), `<｜DSML｜parameter name="arguments" string="true">${args}</｜DSML｜parameter>`);
  assert.equal(parameters("{}"), "");
});

test("tool results take the order of their calls; text keeps its place", () => {
  const calls = ["a", "b"].map((id) => ({ id, name: "f", arguments: "{}" }));
  const messages: Message[] = [
    user("q"),
    { role: "assistant", toolCalls: calls },
    { role: "tool", toolCallId: "b", content: "B" },
    { role: "tool", toolCallId: "a", content: "A" },
    user("thanks"),
  ];
  for (const name of ["v4", "v4.1"] as const) {
    assert.ok(
      render(name, messages, { thinking: true, tools: [{ name: "f" }] }).text.endsWith(
        full("⟨U⟩<tool_result>A</tool_result>\n\n<tool_result>B</tool_result>\n\nthanks⟨A⟩<think>"),
      ),
    );
  }
});

test("reminders, tasks and their answers", () => {
  const reminder: Message = { role: "latest_reminder", content: "Today is Monday" };
  expect(
    "v4.1",
    [user("hi"), answer("a"), reminder, user("and now?")],
    {},
    "⟂⟨U⟩hi⟨A⟩</think>a∎<｜latest_reminder｜>Today is Monday⟨U⟩and now?⟨A⟩</think>",
    "content",
  );
  expect("v4", [user("hi"), reminder], { thinking: true }, "⟂⟨U⟩hi⟨A⟩<think><｜latest_reminder｜>Today is Monday", "reasoning");
  assert.equal(render("v4", [user("hi"), reminder], { thinking: true }).continues, false);
  for (const task of ["title", "query", "authority", "domain", "read_url"] as const) {
    expect("v4", [{ ...user("text"), task }], { thinking: true }, `⟂⟨U⟩text<｜${task}｜>`, "content");
  }
  expect("v4", [{ ...user("text"), task: "action" }], {}, "⟂⟨U⟩text⟨A⟩</think><｜action｜>", "content");
  expect(
    "v4",
    [{ ...user("text"), task: "action" }, answer("yes", "r"), user("q")],
    { thinking: true, dropThinking: false },
    "⟂⟨U⟩text⟨A⟩<think><｜action｜>yes∎⟨U⟩q⟨A⟩<think>",
    "reasoning",
  );
  expect("v4", [user("a"), { ...user("b"), task: "title" }], {}, "⟂⟨U⟩a\n\nb<｜title｜>", "content");
});

test("reasoning is kept with tools or on request, otherwise only that of the answer in progress", () => {
  const history = [user("q1"), answer("a1", " r1\n"), user("q2")];
  const shows = (options: Partial<RenderOptions>): string => render("v4", history, options).text.split(/<｜Assistant｜>|a1/)[1]!;
  assert.equal(shows({ thinking: false }), "</think>");
  assert.equal(shows({ thinking: false, tools: [WEATHER] }), "</think>");
  assert.equal(shows({ thinking: true }), "</think>");
  assert.equal(shows({ thinking: true, dropThinking: false }), "<think> r1\n</think>");
  assert.equal(shows({ thinking: true, tools: [WEATHER] }), "<think> r1\n</think>");
  assert.equal(shows({ thinking: true, tools: [WEATHER], toolChoice: "none" }), "</think>");
});

test("developers, response formats and images by dialect", () => {
  const developer: Message = { role: "developer", content: "dev" };
  expect("v4", [developer, user("q"), answer("a"), developer], {}, "⟂dev⟨U⟩q⟨A⟩</think>a∎⟨U⟩dev⟨A⟩</think>", "content");
  expect("v4.1", [developer, user("q"), answer("a"), developer], {}, "⟂⟨S⟩dev⟨U⟩q⟨A⟩</think>a∎⟨S⟩dev⟨A⟩</think>", "content");
  expect(
    "v3.2",
    [user("q"), answer("a"), developer],
    { thinking: true },
    "⟂⟨U⟩q⟨A⟩</think>a∎⟨U⟩\n\n# The user's message is: dev⟨A⟩<think>",
    "reasoning",
  );
  expect("v3.2", [developer, answer("a"), user("q")], { thinking: true }, "⟂⟨A⟩</think>a∎⟨U⟩q⟨A⟩<think>", "reasoning");

  const header = "\n\n## Response Format:\n\nYou MUST strictly adhere to the following schema to reply:\n";
  for (const [name, mark] of [
    ["v3.2", ""],
    ["v4", ""],
    ["v4.1", "⟨S⟩"],
  ] as const) {
    expect(
      name,
      [user("q")],
      { responseFormat: { type: "json_object", extra: 1 } },
      `⟂${mark}${header}{"type": "json_object"}⟨U⟩q⟨A⟩</think>`,
      "content",
    );
    expect(
      name,
      [user("q")],
      { responseFormat: { type: "json_schema", json_schema: { schema: { b: 1 } } } },
      `⟂${mark}${header}{"b": 1}⟨U⟩q⟨A⟩</think>`,
      "content",
    );
    expect(
      name,
      [user("q")],
      { responseFormat: { type: "json_schema", schema: { b: 1 } } },
      `⟂${mark}${header}{"b": 1}⟨U⟩q⟨A⟩</think>`,
      "content",
    );
    expect(name, [user("q")], { responseFormat: { type: "text" } }, "⟂⟨U⟩q⟨A⟩</think>", "content");
    for (const responseFormat of [{ type: "regex" }, { type: "json_schema" }, "json", {}])
      refuses("text/bad-conversation", name, [user("q")], { responseFormat });
  }
  refuses("text/not-in-dialect", "v3.1", [user("q")], { responseFormat: { type: "json_object" } });

  const image: Message = {
    role: "user",
    content: [
      { type: "image", source: null },
      { type: "text", text: "t" },
    ],
  };
  for (const name of ["v3.1", "v3.2", "v4", "v4-0731"] as const) assert.ok(render(name, [image]).text.includes("[Unsupported image]\n\nt"));
  const result: Message = { role: "tool", content: [{ type: "image", source: null }] };
  assert.ok(
    render("v4.1", [user("q"), { role: "assistant", toolCalls: [{ name: "f", arguments: "{}" }] }, result]).text.includes(
      "<tool_result><｜deepseek_image｜></tool_result>",
    ),
  );
});

test("V3.2: calls and results", () => {
  expect(
    "v3.2",
    LOOP,
    { thinking: true },
    '⟂⟨U⟩Rome weather?⟨A⟩<think>Need tool.</think>\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Rome</｜DSML｜parameter>\n<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>∎\n\n<function_results>\n<result>{"c":18}</result>\n</function_results>\n\n<think>',
    "reasoning",
  );
  refuses("text/bad-conversation", "v3.2", LOOP.slice(0, 2));
  refuses("text/bad-conversation", "v3.2", [...LOOP, LOOP[2]!]);
  refuses("text/bad-conversation", "v3.2", [...LOOP.slice(0, 2), user("q")]);
  refuses("text/bad-conversation", "v3.2", [user("q"), answer("a")], { thinking: true });
  refuses("text/not-in-dialect", "v3.2", [user("q")], { thinking: true, dropThinking: false });
  refuses("text/not-in-dialect", "v3.2", [{ ...user("q"), task: "title" }]);
  refuses("text/not-in-dialect", "v3.2", [{ role: "latest_reminder", content: "r" }, user("q")]);
});

test("V3.1: the chat template", () => {
  expect(
    "v3.1",
    [system("s1"), user("q"), answer("<think>r</think>a"), system("s2"), user("q2")],
    { thinking: true },
    "⟂s1\n\ns2⟨U⟩q⟨A⟩</think>a∎⟨U⟩q2⟨A⟩<think>",
    "reasoning",
  );
  const twice: Message[] = [
    user("q"),
    {
      role: "assistant",
      content: "Looking.",
      toolCalls: [
        { name: "f", arguments: '{"a":1}' },
        { name: "g", arguments: "{}" },
      ],
    },
    { role: "tool", content: "A" },
    { role: "tool", content: "B" },
  ];
  const loop =
    '⟂⟨U⟩q⟨A⟩</think>Looking.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{"a":1}<｜tool▁call▁end｜><｜tool▁call▁begin｜>g<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>∎' +
    "<｜tool▁output▁begin｜>A<｜tool▁output▁end｜><｜tool▁output▁begin｜>B<｜tool▁output▁end｜>";
  expect("v3.1", twice, {}, loop, "content");
  expect("v3.1", [...twice, answer("done"), user("q2")], {}, `${loop}done∎⟨U⟩q2⟨A⟩</think>`, "content");
  const tools =
    's\n\n## Tools\nYou have access to the following tools:\n\n### get_weather\nDescription: Weather\n\nParameters: {"type": "object"}\n\nIMPORTANT: ALWAYS adhere to this exact format for tool use:\n<｜tool▁calls▁begin｜>';
  assert.ok(render("v3.1", [system("s"), user("q")], { tools: [WEATHER] }).text.startsWith(full(`⟂${tools}`)));
  refuses("text/not-in-dialect", "v3.1", [user("q")], { tools: [WEATHER], thinking: true });
});
