/** What models do wrong (the rows of "malformed output seen in the wild") and what becomes of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TRIAL_LIMIT } from "../../src/text/output/trial.ts";
import { createOutputParser } from "../../src/text/output-parser.ts";
import { V4, V32, V41, v31, WEATHER } from "./output-dsml.ts";
import { check, outcome, parseAllWays } from "./output-feeding.ts";

const stop = "tool-calls";
const tools = [WEATHER];
const content = { dialect: "v4.1", start: "content", tools } as const;
const thinking = { dialect: "v4.1", start: "reasoning", tools } as const;
const CITY = V41.parameter("city", "true", "Rome");
const CALL = V41.call("get_weather", CITY);
const ROME = V41.block(CALL);
const calls = [{ name: "get_weather", arguments: '{"city": "Rome"}' }];

describe("</think> missing before a call", () => {
  const expected = { reasoning: "Need the weather.", calls, warnings: ["think-end-missing"], stop };
  test("closes thinking; the markup is not part of the reasoning", () => {
    check(`Need the weather.\n\n${ROME}`, thinking, expected);
    check(`Need the weather.\n\n${ROME}\n`, thinking, expected);
    check(`Need the weather.\n\n${ROME}`, { dialect: "v4.1", start: "reasoning" }, expected);
    check(
      `Need the weather.\n\n${V32.block(V32.call("get_weather", V32.parameter("city", "true", "Rome")))}`,
      { ...thinking, dialect: "v3.2" },
      expected,
    );
    const old = v31.block(v31.call("get_weather", '{"city": "Rome"}'));
    check(`Need the weather.\n\n${old}`, { ...thinking, dialect: "v3.1" }, expected);
  });
  test("beyond the limit, its end is not waited for", () => {
    const [head, tail] = ROME.split("Rome");
    const parser = createOutputParser(thinking);
    const long = "y".repeat(TRIAL_LIMIT - head.length);
    assert.deepEqual(parser.push(`x\n${head}${long}`), [{ type: "reasoning", text: "x" }]);
    const events = parser.push("y");
    assert.deepEqual(
      events.map(({ type }) => type),
      ["warning", "tool-begin", "tool-arguments", "tool-arguments", "tool-arguments", "tool-arguments"],
    );
    const rest = outcome([...events, ...parser.push(`z${tail} after`), ...parser.finish()]);
    assert.deepEqual(rest.calls, [{ name: "get_weather", arguments: `{"city": "${long}yz"}` }]);
    assert.deepEqual(rest.warnings, ["think-end-missing", "text-after-block"]);
  });
});

describe("a call quoted inside thinking stays reasoning", () => {
  const quotes: Record<string, string> = {
    "something follows it": `I write\n\n${ROME}\n\nlike that.`,
    "the thinking is closed after it": `I write\n${ROME}`,
    "its tool is unknown": `I write ${ROME.replace("get_weather", "$TOOL_NAME")}`,
    "it breaks off": `I write <｜DSML｜ calls>\n<｜DSML｜ invoke name="get_weather">\n... and so on`,
    "it breaks off in a value": `I write ${ROME.split("Rome")[0]}`,
    "it breaks off in a value and begins again": `I write ${ROME.split("Rome")[0]} or ${ROME} end`,
    "a tag is of another dialect": `I write ${V4.block(V4.call("get_weather"))}`,
    "a tag is mistyped": `I write ${ROME.replaceAll("｜", "|")}`,
    "only its first tag is mistyped": `I write ${ROME.replace("<｜", "<")}`,
    "its block is missing": `I write ${CALL.trimEnd()}`,
    "its block is empty": `I write ${V41.block()}`,
    "a closing tag is missing": `I write ${ROME.replace("</｜DSML｜ parameter>", "")}`,
    "only the marker": "I write <｜DSML｜",
  };
  for (const [why, text] of Object.entries(quotes))
    test(why, () => {
      check(`${text}</think>Done.`, thinking, { reasoning: text, content: "Done." });
      check(`${text}\n</think>\n\n${ROME}`, thinking, { reasoning: text, calls, stop });
      if (!text.endsWith(ROME)) check(text, thinking, { reasoning: text });
    });
  test("but a call at the very end, after a quotation that broke off, is a call", () => {
    const quote = `It begins ${ROME.split("Rome")[0]}`;
    check(`${quote}…\n\n${ROME}`, thinking, { reasoning: `${quote}…`, calls, warnings: ["think-end-missing"], stop });
  });
  test("v3.1", () => {
    const text = `I write ${v31.block(v31.call("get_weather", "{}"))} so.`;
    check(`${text}</think>Done.`, { ...thinking, dialect: "v3.1" }, { reasoning: text, content: "Done." });
  });
});

describe("cut off or never closed", () => {
  test("an unfinished call is dropped, wherever it is cut", () => {
    const from = ROME.indexOf("<｜DSML｜") + "<｜DSML｜".length;
    for (let cut = from; cut < ROME.indexOf("</｜DSML｜ invoke>") + "</｜DSML｜ invoke".length; cut++) {
      const { content: text, calls, warnings } = parseAllWays(`Hi\n\n${ROME.slice(0, cut)}`, content);
      assert.deepEqual([text, calls, warnings], ["Hi", [], ["call-incomplete"]], ROME.slice(0, cut));
    }
  });
  test("in thinking it stays reasoning", () => {
    for (const cut of [12, 40, 70, ROME.length - 2]) check(`a\n${ROME.slice(0, cut)}`, thinking, { reasoning: `a\n${ROME.slice(0, cut)}` });
  });
  test("complete calls before it stand", () => {
    const block = V41.block(CALL, CALL);
    check(block.slice(0, -40), content, { calls, dropped: ["get_weather"], warnings: ["call-incomplete"] });
    check(block.slice(0, -4), content, { calls: [...calls, ...calls], warnings: ["block-unclosed"] });
  });
  test("switching to other markup drops the call", () => {
    const other = V41.block(V41.call("get_weather", '<parameter name="city">Rome</parameter>\n'), CALL);
    check(other, content, { calls, dropped: ["get_weather"], warnings: ["call-malformed"], stop });
  });
  test("a new call inside a call drops the first", () => {
    const text = ROME.replace("</｜DSML｜ invoke>\n", `${CALL}`);
    check(text, content, { calls, dropped: ["get_weather"], warnings: ["call-incomplete"], stop });
  });
  test("a block closed inside a value drops the call, closed between values ends it", () => {
    const [head] = ROME.split("</｜DSML｜ parameter>");
    check(`${head}</｜DSML｜ calls>`, content, { dropped: ["get_weather"], warnings: ["call-incomplete"], stop });
    check(ROME.replace("</｜DSML｜ invoke>\n", ""), content, { calls, warnings: ["call-unclosed"], stop });
  });
  test("a parameter closed with its call", () => {
    check(ROME.replace("</｜DSML｜ parameter>\n", ""), content, { calls, warnings: ["parameter-unclosed"], stop });
  });
  test("names that run on", () => {
    const text = V41.block('<｜DSML｜ invoke name="get\nweather">\n', CALL);
    check(text, { ...content, start: "tool-calls" }, { calls, warnings: ["text-in-block", "call-malformed"], stop });
    check(V41.block(V41.call("get_weather", V41.parameter("ci\nty", "true", "Rome")), CALL), content, {
      calls,
      dropped: ["get_weather"],
      warnings: ["call-malformed"],
      stop,
    });
  });
  test("text between and after calls is dropped", () => {
    const text = V41.block(CALL, "Now the second:\n", CALL);
    check(`${text} Done.`, content, { calls: [...calls, ...calls], warnings: ["text-in-block", "text-after-block"], stop });
  });
  test("an empty block is dropped", () => check(`a\n\n${V41.block("\n")}`, content, { content: "a", warnings: ["block-empty"], stop }));
});

describe("wrapper missing or mistyped", () => {
  test("a call without a block, if its tool is known", () => {
    check(`Hi\n\n${CALL}`, content, { content: "Hi", calls, warnings: ["wrapper-missing", "block-unclosed"] });
    check(`Hi\n\n${CALL.replace("get_weather", "other")}`, content, { content: `Hi\n\n${CALL.replace("get_weather", "other")}` });
    const old = v31.call("get_weather", '{"city": "Rome"}');
    check(`Hi\n${old}`, { ...content, dialect: "v3.1" }, { content: "Hi", calls, warnings: ["wrapper-missing", "block-unclosed"] });
  });
  const mistyped: Record<string, string> = {
    "doubled bars": ROME.replaceAll("｜", "｜｜"),
    "no first bar": ROME.replaceAll("<｜DSML", "<DSML").replaceAll("</｜DSML", "</DSML"),
    "ASCII bars": ROME.replaceAll("｜", "|"),
    "doubled ASCII bars": ROME.replaceAll("｜", "||"),
    "double-line bars": ROME.replaceAll("｜", "‖"),
    "V4 tags": V4.block(V4.call("get_weather", V4.parameter("city", "true", "Rome"))),
    "V3.2 tags": V32.block(V32.call("get_weather", V32.parameter("city", "true", "Rome"))),
    "no spaces": ROME.replaceAll("｜ ", "｜"),
    "only the block's tags": ROME.replaceAll("｜DSML｜ calls", "DSML｜tool_calls"),
    "only the call's tags": ROME.replaceAll("｜DSML｜ invoke", "|DSML|invoke"),
    "only the parameter's tags": ROME.replaceAll("｜DSML｜ parameter", "｜DSML｜parameter"),
  };
  for (const [what, text] of Object.entries(mistyped))
    test(what, () => {
      check(`Hi\n\n${text}`, content, { content: "Hi", calls, warnings: ["tag-repaired"], stop });
      check(
        `Hi\n\n${text}`,
        { ...content, dialect: "v4" },
        { content: "Hi", calls, warnings: text === mistyped["V4 tags"] ? [] : ["tag-repaired"], stop },
      );
      if (!what.startsWith("only")) {
        const unknown = text.replace("get_weather", "other");
        check(unknown, content, { content: unknown });
        check(text, { dialect: "v4.1", start: "content" }, { content: text });
      }
    });
  test("an unknown tool in exact tags is passed on; in mistyped tags within a block it is dropped", () => {
    const other = [{ name: "other", arguments: '{"city": "Rome"}' }];
    check(ROME.replace("get_weather", "other"), content, { calls: other, warnings: ["unknown-tool"], stop });
    const second = V41.block(CALL, CALL.replaceAll("｜", "|").replace("get_weather", "other"));
    check(second, content, { calls, warnings: ["call-malformed"], stop });
  });
  test("mistyped tags quoted in a well-written value are part of it", () => {
    const value = mistyped["ASCII bars"] + mistyped["V4 tags"] + mistyped["no first bar"];
    const call = V41.call("get_weather", V41.parameter("city", "true", value));
    check(V41.block(call), content, {
      calls: [{ name: "get_weather", arguments: JSON.stringify({ city: value }).replace(":", ": ") }],
      stop,
    });
  });
  test("names in a namespace are known by their full name", () => {
    const tools = [
      { ...WEATHER, namespace: "sky" },
      { ...WEATHER, namespace: { name: "sea" } },
    ];
    for (const name of ["sky::get_weather", "sea::get_weather"])
      check(
        mistyped["ASCII bars"].replace("get_weather", name),
        { ...content, tools },
        { calls: [{ ...calls[0], name }], warnings: ["tag-repaired"], stop },
      );
    check(mistyped["ASCII bars"], { ...content, tools }, { content: mistyped["ASCII bars"] });
  });
});
