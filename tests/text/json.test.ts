import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TandemError } from "../../src/errors.ts";
import { dumpJson, type Json, JsonNumber, parseJson } from "../../src/text/index.ts";
import { MAX_JSON_DEPTH } from "../../src/text/json.ts";

const code = (expected: string) => (error: unknown) => error instanceof TandemError && error.code === expected;

test("numbers keep their lexeme, objects their order, as Python would write them", () => {
  for (const text of [
    "1.0",
    "1e-7",
    "1E+5",
    "-0.0",
    "2.50",
    "12345678901234567890123",
    '{"2": 1, "1": {"b": [], "a": {}}}',
    '["é😀\\n\\"\\\\\\u0001", true, false, null]',
    '""',
    "{}",
    "[]",
  ]) {
    assert.equal(dumpJson(parseJson(text)), text);
  }
  assert.equal(dumpJson(parseJson(' {"a":[1,2 ,{"b":null}]\n} ')), '{"a": [1, 2, {"b": null}]}');
  assert.equal(dumpJson(parseJson('"\\u00e9\\/\\ud83d\\ude00\\u007f"')), '"é/😀\x7f"');
});

test("a repeated key keeps its first place and its last value", () => {
  assert.equal(dumpJson(parseJson('{"a":1,"b":2,"a":3}')), '{"a": 3, "b": 2}');
  assert.equal(dumpJson(parseJson('{"__proto__":1}')), '{"__proto__": 1}');
});

test("plain values are written as Python writes them", () => {
  const cases: [unknown, string][] = [
    [1, "1"],
    [-0, "0"],
    [0.1, "0.1"],
    [1e-4, "0.0001"],
    [1e-5, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [1e-10, "1e-10"],
    [1e16, "10000000000000000"],
    [1e21, "1e+21"],
    [10n ** 30n, "1000000000000000000000000000000"],
    [{ a: undefined, b: [null, true], c: new JsonNumber("1.0") }, '{"b": [null, true], "c": 1.0}'],
    [new Map([["k", "é"]]), '{"k": "é"}'],
  ];
  for (const [value, expected] of cases) assert.equal(dumpJson(value), expected);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 0, Symbol("s"), undefined, [undefined]])
    assert.throws(() => dumpJson(value), code("text/json-invalid"));
});

test("what is not JSON is refused", () => {
  for (const text of [
    "",
    " ",
    "nul",
    "truefalse",
    "NaN",
    "01",
    "1.",
    ".5",
    "+1",
    "1e",
    "-",
    '"',
    '"\\x"',
    '"\n"',
    "'a'",
    "[",
    "[1",
    "[1,]",
    "[,1]",
    "[1 2]",
    "]",
    "{",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "{a:1}",
    "{1:2}",
    "1 2",
    "[]]",
    '{"a":1 "b":2}',
    "\ufeff1",
    "\u00a01",
    "1\u00a0",
  ]) {
    assert.throws(() => parseJson(text), code("text/json-invalid"), JSON.stringify(text));
  }
});

test("depth is limited both ways", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(dumpJson(parseJson(nested(MAX_JSON_DEPTH))), nested(MAX_JSON_DEPTH));
  assert.throws(() => parseJson(nested(MAX_JSON_DEPTH + 1)), code("text/json-depth"));
  assert.throws(() => parseJson("[".repeat(1e6)), code("text/json-depth"));
  const circle: unknown[] = [];
  circle.push(circle);
  assert.throws(() => dumpJson(circle), code("text/json-depth"));
});

test("agrees with JSON.parse on what is valid and what it means", () => {
  const plain = (value: Json): unknown => {
    if (value instanceof JsonNumber) return Number(value.lexeme);
    if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
    return Array.isArray(value) ? value.map(plain) : value;
  };
  const attempt = <T>(read: () => T): T | "invalid" => {
    try {
      return read();
    } catch {
      return "invalid";
    }
  };
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.constantFrom("", ",", '"', "}", "]", "1", "e", " ", "\\", "-"),
      (text, at, insert) => {
        assert.deepEqual(plain(parseJson(text)), JSON.parse(text));
        const damaged = text.slice(0, at % (text.length + 1)) + insert + text.slice(at % (text.length + 1));
        assert.deepEqual(
          attempt(() => plain(parseJson(damaged))),
          attempt(() => JSON.parse(damaged)),
          damaged,
        );
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});
