import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { OutputParserOptions } from "../../src/text/output-parser.ts";
import type { Rendered } from "../../src/text/types.ts";
import { DSML_WRITERS, V4, V41, v31, WEATHER, type Writer } from "./output-dsml.ts";
import { merged, outcome, parse } from "./output-feeding.ts";

/** Text cut at random places. */
const cuts = fc.array(fc.nat(400), { maxLength: 12 });
function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
}

const prose = fc.array(fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("<", "</", "<｜", "\n", "｜DSML｜ call", "汉字", "😀")), {
  maxLength: 6,
});
/** No line breaks at its ends, where they would be separators; the full stop keeps a marker at the end from looking like a call cut off. */
const text = prose.map((pieces) => (pieces.length === 0 ? "" : `${pieces.join("").replace(/^\n+/, "")}.`));
const name = fc.stringMatching(/^[\w.: -]{1,12}$/);
const value = fc.oneof(
  fc.record({ string: fc.constant("true" as const), text: prose.map((pieces) => pieces.join("")) }),
  fc.record({
    string: fc.constant("false" as const),
    text: fc.oneof(fc.json(), fc.constantFrom("1.0", "-0", "1e400", "123456789012345678901")),
  }),
);
const calls = fc.array(
  fc.record({ name, parameters: fc.uniqueArray(fc.record({ key: name, value }), { selector: ({ key }) => key, maxLength: 4 }) }),
  {
    maxLength: 3,
  },
);

test("what is written is read, however it is cut", () => {
  const writers = fc.constantFrom<Writer | "v3.1">(...DSML_WRITERS, "v3.1");
  fc.assert(
    fc.property(writers, fc.option(text), text, calls, cuts, (writer, reasoning, content, calls, places) => {
      const expected = calls.map(({ name, parameters }) => {
        const entries = parameters.map(
          ({ key, value: { string, text } }) => `"${key}": ${string === "true" ? JSON.stringify(text) : text}`,
        );
        return { name, arguments: `{${entries.join(", ")}}` };
      });
      const block =
        writer === "v3.1"
          ? v31.block(...expected.map((call) => v31.call(call.name, call.arguments)))
          : writer.block(
              ...calls.map((c) => writer.call(c.name, ...c.parameters.map(({ key, value: v }) => writer.parameter(key, v.string, v.text)))),
            );
      const answer = (reasoning === null ? "" : `${reasoning}\n</think>\n\n`) + content + (calls.length === 0 ? "" : `\n\n${block}`);
      const dialect = writer === "v3.1" ? writer : writer.dialect;
      const events = parse(cut(answer, places), { dialect, start: reasoning === null ? "content" : "reasoning" });
      assert.deepEqual(outcome(events), {
        reasoning: reasoning ?? "",
        content,
        calls: expected,
        dropped: [],
        warnings: [],
        stop: calls.length > 0 ? "tool-calls" : null,
      });
    }),
    { numRuns: 400 },
  );
});

describe("garbage", () => {
  const openings = [
    "<｜DSML｜ calls>",
    "<｜DSML｜tool_calls>",
    "<|DSML|calls>",
    '<｜DSML｜ invoke name="',
    '<DSML｜invoke name="',
    '<｜DSML｜ parameter name="',
    "<｜DSML｜",
  ];
  const closings = [
    "</｜DSML｜ parameter>",
    "</｜DSML｜ invoke>",
    "</｜DSML｜ calls>",
    "</|DSML| invoke>",
    '">',
    '" string="true">',
    '" string="false">',
  ];
  const legacy = ["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"];
  const words = [
    "get_weather",
    "city",
    "arguments",
    "x",
    "\n",
    " ",
    "<",
    "</",
    '{"input":',
    '{"city": 1}',
    "}",
    "1",
    "😀",
    "\ud83d",
    "STOP",
    "ST",
  ];
  const from = (...pieces: string[]) => fc.array(fc.constantFrom(...pieces), { maxLength: 24 }).map((chosen) => chosen.join(""));
  const options: fc.Arbitrary<OutputParserOptions> = fc.record({
    dialect: fc.constantFrom("v3.1", "v4", "v4.1"),
    start: fc.constantFrom<Rendered["startsIn"]>("reasoning", "content", "tool-calls"),
    continues: fc.boolean(),
    stop: fc.constantFrom([], ["STOP"], ["\n", "x"]),
    tools: fc.constantFrom([], [WEATHER]),
  });

  test("never throws, does not depend on the cuts, and invents no text", () => {
    fc.assert(
      fc.property(from(...openings, ...closings, ...legacy, ...words, "</think>"), options, cuts, (text, options, places) => {
        const whole = parse([text], options);
        assert.deepEqual(merged(parse(cut(text, places), options)), merged(whole));
        assert.deepEqual(merged(parse(text.split(""), options)), merged(whole));
        const { reasoning, content } = outcome(whole);
        let at = 0;
        for (const unit of (reasoning + content).split(""))
          assert.ok((at = text.indexOf(unit, at) + 1) > 0, "shown text is a part of the output");
      }),
      { numRuns: 3000 },
    );
  });
  test("tags that never become a call are text, to the last unit", () => {
    const pieces = [...openings, "</｜DSML｜ parameter>", "</｜DSML｜ invoke>", ...words];
    fc.assert(
      fc.property(from(...pieces), fc.constantFrom("reasoning" as const, "content" as const), (body, start) => {
        const text = `${body}\n.`;
        const result = outcome(parse([text], { dialect: "v4.1", start, tools: [WEATHER] }));
        assert.deepEqual([result[start], result.warnings], [text.replace(/^\n+/, ""), []]);
      }),
      { numRuns: 2000 },
    );
  });
  test("without tools nothing but </think> and the line breaks around it is removed", () => {
    fc.assert(
      fc.property(from(...openings, ...closings, ...words, "</think>"), (text) => {
        const { reasoning, content } = outcome(parse([text], { dialect: "v4", start: "reasoning", tools: [] }));
        const [first, ...rest] = text.split("</think>");
        const thought = first.replace(/^\n+/, "");
        assert.equal(reasoning, rest.length > 0 ? thought.replace(/\n+$/, "") : thought);
        assert.equal(content, [(rest[0] ?? "").replace(/^\n+/, ""), ...rest.slice(1)].join(""));
      }),
      { numRuns: 2000 },
    );
  });
});

/** A quadratic step on any of these would take minutes, not a fraction of a second. */
describe("time is linear", { timeout: 15_000 }, () => {
  const size = 1 << 18;
  const begun = V41.block(V41.call("get_weather", V41.parameter("city", "true", "@"))).split("@")[0];
  const inputs: Record<string, string> = {
    "<": "<",
    newlines: "\n",
    markers: "<｜DSML｜",
    "almost tags": "<｜DSML｜ call",
    blocks: "<｜DSML｜ calls>\n",
    "mistyped blocks": "<||DSML||tool_calls>",
    calls: '<｜DSML｜ invoke name="',
    "a value of closings": `${begun}</｜DSML｜`,
    "calls begun": begun,
    "other dialect": V4.block(V4.call("get_weather")),
    stop: "a",
    "half pairs": "\ud83d",
  };
  const onlyOnce: Record<string, [head: string, unit: string]> = {
    "a long value": [begun, "</｜"],
    "a long raw value": [begun.replace("true", "false"), "[ "],
    "a long name": ['<｜DSML｜ calls>\n<｜DSML｜ invoke name="', 'x" '],
    "a long key": [begun.replace('city" string="true">', ""), '" string '],
    "a JSON body of blanks": ['<｜DSML｜ calls>\n<｜DSML｜ invoke name="get_weather">\n{', "   "],
    "a JSON body": ['<｜DSML｜ calls>\n<｜DSML｜ invoke name="get_weather">\n{"x": [', "1, "],
    "a wrapper": ['<｜DSML｜ calls>\n<｜DSML｜ invoke name="get_weather">\n{"input": [', "1, "],
    "blanks in a block": ["<｜DSML｜ calls>", " \n"],
    "blanks after a block": [V41.block(V41.call("get_weather")), " \n"],
  };
  const all = [...Object.entries(inputs).map(([what, unit]) => [what, ["", unit]] as const), ...Object.entries(onlyOnce)];
  for (const [what, [head, unit]] of all)
    test(what, () => {
      const text = head + unit.repeat(size / unit.length);
      for (const start of ["content", "reasoning"] as const) {
        const options = { dialect: "v4.1", start, tools: [WEATHER], stop: [`${"a".repeat(1000)}b`] } as const;
        assert.deepEqual(merged(parse(text.match(/.{1,3}/gs)!, options)), merged(parse([text], options)));
      }
    });
});
