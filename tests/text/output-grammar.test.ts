import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TandemError } from "../../src/errors.ts";
import { createOutputParser } from "../../src/text/output-parser.ts";
import { DSML_WRITERS, V4, V41, v31, WEATHER } from "./output-dsml.ts";
import { check, parse, parseAllWays } from "./output-feeding.ts";

const STOP = "tool-calls";

for (const w of DSML_WRITERS) {
  describe(`well-formed answers, ${w.dialect}`, () => {
    const { dialect } = w;
    const call = w.call("get_weather", w.parameter("city", "true", "Rome"), w.parameter("days", "false", "2"));
    const calls = [{ name: "get_weather", arguments: '{"city": "Rome", "days": 2}' }];

    test("reasoning, content and a call", () => {
      const text = `Need tool.\n</think>\n\nOne moment.\n\n${w.block(call)}`;
      check(text, { dialect, start: "reasoning" }, { reasoning: "Need tool.", content: "One moment.", calls, stop: STOP });
    });
    test("with the tools known", () => {
      check(w.block(call), { dialect, start: "content", tools: [WEATHER] }, { calls, stop: STOP });
    });
    test("several calls, one without arguments", () => {
      const two = [{ name: "now", arguments: "{}" }, ...calls];
      check(w.block(w.call("now"), call), { dialect, start: "content" }, { calls: two, stop: STOP });
    });
    test("the prompt opened the block", () => {
      check(w.block(call).replace(/^.*\n/, ""), { dialect, start: "tool-calls" }, { calls, stop: STOP });
    });
    test("names with spaces, an empty key, keys that JSON must escape", () => {
      const odd = w.call("my tool", ...["", "a b", "back\\slash", 'a"b', "x>y"].map((key) => w.parameter(key, "true", "v")));
      const json = '{"": "v", "a b": "v", "back\\\\slash": "v", "a\\"b": "v", "x>y": "v"}';
      check(w.block(odd), { dialect, start: "content" }, { calls: [{ name: "my tool", arguments: json }], stop: STOP });
    });
    test("the other dialects' tags are not tags", () => {
      const others = DSML_WRITERS.map((other) => other.block(other.call("f"))).filter((block) => block !== w.block(w.call("f")));
      for (const block of others) check(`a ${block}`, { dialect, start: "content" }, { content: `a ${block}` });
    });
  });
}

describe("well-formed answers, v3.1", () => {
  const options = { dialect: "v3.1", start: "content" } as const;
  test("calls with JSON arguments, white space around them dropped, numbers as written", () => {
    const text = `Sure.${v31.block(v31.call("get_weather", '\n{"city": "Rome", "d": [1.0, 1e400]}\n'), v31.call("now", "{}"))}`;
    const calls = [
      { name: "get_weather", arguments: '{"city": "Rome", "d": [1.0, 1e400]}' },
      { name: "now", arguments: "{}" },
    ];
    check(text, options, { content: "Sure.", calls, stop: STOP });
    check(text, { ...options, tools: [WEATHER, { name: "now" }] }, { content: "Sure.", calls, stop: STOP });
  });
  test("a newline between calls, arguments left out", () => {
    const calls = ["f", "g"].map((name) => ({ name, arguments: "{}" }));
    check(v31.block(v31.call("f", ""), "\n", v31.call("g", " { } ")), options, {
      calls: [calls[0], { name: "g", arguments: "{ }" }],
      stop: STOP,
    });
  });
  test("arguments that are no JSON object drop the call, not its neighbour", () => {
    for (const bad of ['{"a": ', "[1]", "city=Rome", '{"a": 1} x'])
      check(v31.block(v31.call("f", bad), v31.call("g", "{}")), options, {
        calls: [{ name: "g", arguments: "{}" }],
        dropped: ["f"],
        warnings: ["arguments-invalid"],
        stop: STOP,
      });
  });
  test("arguments stream before they are complete", () => {
    const parser = createOutputParser(options);
    parser.push("<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>\n");
    const events = parser.push('{"text": "half of');
    assert.deepEqual(events.at(-1), { type: "tool-arguments", index: 0, json: '{"text": "half of' });
  });
  test("cut off", () => {
    const text = v31.block(v31.call("f", '{"a": 1}'));
    for (const cut of [text.indexOf("f<"), text.indexOf("{"), text.indexOf("<｜tool▁call▁end"), text.indexOf("<｜tool▁calls▁end｜>")]) {
      const done = cut === text.indexOf("<｜tool▁calls▁end｜>");
      const { calls, content, warnings } = parseAllWays(`hi${text.slice(0, cut)}`, options);
      assert.deepEqual([calls.length, content, warnings], [done ? 1 : 0, "hi", [done ? "block-unclosed" : "call-incomplete"]]);
    }
  });
});

describe("text", () => {
  const content = { dialect: "v4.1", start: "content" } as const;
  const reasoning = { dialect: "v4.1", start: "reasoning" } as const;

  test("line breaks around </think> are separators, other white space is text", () => {
    check("\n\n a \n\n</think>\n\n b \n\n", reasoning, { reasoning: " a ", content: " b \n\n" });
    check("a \n </think>", reasoning, { reasoning: "a \n " });
  });
  test("a continued text keeps the line breaks at its start, what follows </think> does not", () => {
    check("\n\na</think>\n\nb", { ...reasoning, continues: true }, { reasoning: "\n\na", content: "b" });
    check("\n\na", { ...content, continues: true }, { content: "\n\na" });
  });
  test("a stray </think> is removed", () => {
    check("a</think></think>\nb", reasoning, { reasoning: "a", content: "\nb", warnings: ["think-end-stray"] });
  });
  test("text that resembles tags is text", () => {
    for (const text of ["a < b << c </ d", "x<｜y", "<｜DSML", "1 <｜DSML| calls>", "</thin", "<<think>", "｜DSML｜ calls>"])
      check(text, content, { content: text });
  });
  test("the marker alone, and tags that lead nowhere, are text", () => {
    for (const text of [
      "a <｜DSML｜ b",
      "<｜DSML｜ calls> is how calls begin",
      "<｜DSML｜ calls>\n<｜DSML｜ calls> twice",
      '<｜DSML｜ invoke name="a\nb">.',
    ])
      check(text, content, { content: text });
    check("a <｜DSML｜ b</think>c", reasoning, { reasoning: "a <｜DSML｜ b", content: "c" });
  });
  test("everything that cannot be a tag is emitted at once", () => {
    const parser = createOutputParser(content);
    const fed = ["a", "\n", "b <", "｜DSML｜ call", "x</t", "hinking>"];
    const shown = ["a", "", "\nb ", "", "<｜DSML｜ callx", "</thinking>"];
    const got = fed.map((text) =>
      parser
        .push(text)
        .map((event) => (event.type === "content" ? event.text : "?"))
        .join(""),
    );
    assert.deepEqual(got, shown);
  });
  test("string values are emitted at once", () => {
    const parser = createOutputParser(content);
    parser.push(V41.block(V41.call("f", V41.parameter("a", "true", "@"))).split("@")[0]);
    const fed = ["one", ' "two"\n', "</｜DSML｜ par", "</", "div>"];
    const got = fed.map((text) =>
      parser
        .push(text)
        .map((event) => (event.type === "tool-arguments" ? event.json : "?"))
        .join(""),
    );
    assert.deepEqual(got, ["one", ' \\"two\\"\\n', "", "</｜DSML｜ par", "</div>"]);
  });
  test("a surrogate pair is never divided", () => {
    const parser = createOutputParser(content);
    assert.deepEqual(parser.push("a\ud83d"), [{ type: "content", text: "a" }]);
    assert.deepEqual(parser.push("\ude00"), [{ type: "content", text: "😀" }]);
    assert.deepEqual([...parser.push("\ud83d"), ...parser.finish()], [{ type: "content", text: "\ud83d" }]);
  });
  test("with no tools offered, everything is text", () => {
    const block = V41.block(V41.call("f"));
    check(`a\n\n${block}`, { ...content, tools: [] }, { content: `a\n\n${block}` });
    check(`a ${block}</think>b ${block}`, { ...reasoning, tools: [] }, { reasoning: `a ${block}`, content: `b ${block}` });
  });
  test("nothing comes after finish", () => {
    const parser = createOutputParser(content);
    parser.finish();
    assert.deepEqual([...parser.push("late"), ...parser.finish()], []);
  });
});

describe("stop strings", () => {
  const options = (...stop: string[]) => ({ dialect: "v4", start: "reasoning", stop }) as const;
  const block = V4.block(V4.call("f", V4.parameter("a", "true", "END")));
  const calls = [{ name: "f", arguments: '{"a": "END"}' }];

  test("end the content and are not shown", () => {
    check("t</think>one END two</think>", options("END"), { reasoning: "t", content: "one ", stop: "stop-string" });
    check(`</think>one END\n\n${block}`, options("END"), { content: "one ", stop: "stop-string" });
  });
  test("do not count in reasoning or in calls", () => {
    check(`END</think>a\n\n${block}`, options("END"), { reasoning: "END", content: "a", calls, stop: STOP });
    check(`END\n\n${block}`, options("END"), { reasoning: "END", calls, warnings: ["think-end-missing"], stop: STOP });
  });
  test("do not count in markup, nor in the line breaks before it", () => {
    check(`</think>a\n\n${block}`, options("DSML", "\n\n", "<"), { content: "a", calls, stop: STOP });
    check("t</think>a</think>b", options("think"), { reasoning: "t", content: "ab", warnings: ["think-end-stray"] });
  });
  test("but do in markup that turned out to be text", () => {
    check("</think>a <｜DSML｜ b", options("DSML"), { content: "a <｜", stop: "stop-string" });
  });
  test("the one that ends first counts, of those the longest", () => {
    check("</think>xabcd", options("abcd", "bc"), { content: "xa", stop: "stop-string" });
    check("</think>aaab", options("aab", "ab"), { content: "a", stop: "stop-string" });
  });
  test("the beginning of one is held back, then shown", () => {
    check("</think>one EN", options("END"), { content: "one EN" });
    check("</think>a\n\n", options("\n\n"), { content: "a", stop: "stop-string" });
    check(`</think>EN${block}`, options("END"), { content: "EN", calls, stop: STOP });
  });
  test("an empty one is an error", () => {
    const code = (error: unknown) => error instanceof TandemError && error.code === "text/empty-stop";
    assert.throws(() => parse([], { ...options(), stop: ["a", ""] }), code);
  });
});
