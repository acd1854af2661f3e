/** Arguments that are wrapped, of a wrong type or written in another way than the dialect asks. */
import { describe, test } from "node:test";
import { parseJson } from "../../src/text/json.ts";
import { V41, v31, WEATHER } from "./output-dsml.ts";
import { check } from "./output-feeding.ts";

const stop = "tool-calls";
const content = { dialect: "v4.1", start: "content", tools: [WEATHER] } as const;
const CITY = V41.parameter("city", "true", "Rome");

describe("arguments", () => {
  const call = (...parameters: string[]) => V41.block(V41.call("get_weather", ...parameters));
  const got = (json: string, ...warnings: string[]) => ({ calls: [{ name: "get_weather", arguments: json }], warnings, stop });

  test("wrapped in arguments or input, as a parameter", () => {
    for (const key of ["arguments", "input"])
      for (const [string, value] of [
        ["false", '{"city": "Rome", "days": 1.0}'],
        ["true", '{"city": "Rome", "days": 1.0}'],
        ["false", '"{\\"city\\": \\"Rome\\", \\"days\\": 1.0}"'],
      ] as const)
        check(call(V41.parameter(key, string, value)), content, got('{"city": "Rome", "days": 1.0}', "arguments-unwrapped"));
  });
  test("wrapped, in a JSON body and in v3.1", () => {
    const body = '{ "input" : {"city": "Rome", "days": 1.0} }';
    check(call(body), content, got('{"city": "Rome", "days": 1.0}', "json-body", "arguments-unwrapped"));
    const old = (json: string) => v31.block(v31.call("get_weather", json));
    const options = { ...content, dialect: "v3.1" } as const;
    check(old(body), options, got('{"city": "Rome", "days": 1.0}', "arguments-unwrapped"));
    check(old('"{\\"city\\": \\"Rome\\"}"'), options, got('{"city": "Rome"}', "arguments-unwrapped"));
    check(old('{"arguments": "{\\"city\\": \\"Rome\\"}"}'), options, got('{"city": "Rome"}', "arguments-unwrapped"));
  });
  test("not unwrapped if the key is the tool's own, is not alone, or the inner keys are not the tool's", () => {
    const own = { name: "get_weather", parameters: { properties: { input: { type: "object" }, city: {} } } };
    check(call(V41.parameter("input", "false", '{"city": 1}')), { ...content, tools: [own] }, got('{"input": {"city": 1}}'));
    check(call(V41.parameter("input", "false", '{"city": 1}'), CITY), content, got('{"input": {"city": 1}, "city": "Rome"}'));
    check(call(V41.parameter("input", "false", '{"x": 1}')), content, got('{"input": {"x": 1}}'));
    check(call(V41.parameter("input", "true", "{}}")), content, got('{"input": "{}}"}'));
    check(call('{"input": {"city": 1}, "days": 2}'), content, got('{"input": {"city": 1}, "days": 2}', "json-body"));
    check(call('{"inputs": {"city": 1}}'), content, got('{"inputs": {"city": 1}}', "json-body"));
  });
  test("a JSON object instead of parameters", () => {
    check(
      call('{"city": "</div> <｜DSML｜ parameter", "days": 1e400}\n'),
      content,
      got('{"city": "</div> <｜DSML｜ parameter", "days": 1e400}', "json-body"),
    );
    check(call('{"city": '), content, { dropped: ["get_weather"], warnings: ["json-body", "arguments-invalid"], stop });
  });
  test("no object, no call: the JSON body is closed by the block", () => {
    const text = '<｜DSML｜ calls>\n<｜DSML｜ invoke name="get_weather">\n{"city": 1}\n</｜DSML｜ calls>';
    check(text, content, { dropped: ["get_weather"], warnings: ["json-body", "call-incomplete"], stop });
  });
  test("a JSON object after a parameter, even one that may be a wrapper, is no body", () => {
    for (const first of [CITY, V41.parameter("input", "false", "{}")])
      check(call(first, "{}\n"), content, { dropped: ["get_weather"], warnings: ["call-malformed"], stop });
  });
  test("a parameter that comes twice", () => {
    check(call(CITY, V41.parameter("city", "true", "Paris")), content, got('{"city": "Rome"}', "parameter-duplicate"));
  });

  test("schemas as plain objects or as Maps that keep number lexemes; endless unions are left alone", () => {
    const parameters = parseJson('{"properties": {"days": {"type": ["integer"]}}}');
    const coerced = got('{"days": 2}', "argument-coerced");
    check(call(V41.parameter("days", "true", "2")), { ...content, tools: [{ name: "get_weather", parameters }] }, coerced);
    let deep: unknown = { type: "integer" };
    for (let i = 0; i < 100_000; i++) deep = { anyOf: [deep] };
    const odd = [
      undefined,
      null,
      7,
      [],
      { properties: [] },
      { properties: { days: deep } },
      { properties: { days: { anyOf: [{ type: "integer" }, {}] } } },
      { properties: { days: { enum: ["2"] } } },
    ];
    for (const parameters of odd)
      check(call(V41.parameter("days", "true", "2")), { ...content, tools: [{ name: "get_weather", parameters }] }, got('{"days": "2"}'));
  });

  const repaired = "argument-coerced";
  /** key, how the `string` attribute is written, value, resulting JSON, whether it was coerced */
  const values: [string, string, string, string, boolean][] = [
    ["city", ' string="true"', "5", '"5"', false],
    ["city", ' string="false"', '"Rome"', '"Rome"', false],
    ["city", ' string="false"', "5", '"5"', true],
    ["city", ' string="false"', '{"a": 1.0}', '"{\\"a\\": 1.0}"', true],
    ["city", ' string="false"', "Rome", '"Rome"', true],
    ["city", "", "Rome", '"Rome"', true],
    ["city", ' string="yes"', "Rome", '"Rome"', true],
    ["city", " string=true", "Rome", '"Rome"', false],
    ["days", ' string="false"', " 20000000000000000001 ", " 20000000000000000001 ", false],
    ["days", " string=false", "2", "2", false],
    ["days", ' string="true"', "2.0", "2.0", true],
    ["days", ' string="true"', "2.5", '"2.5"', false],
    ["days", ' string="false"', "2.5", "2.5", false],
    ["days", ' string="false"', '"3"', "3", true],
    ["days", ' string="false"', '"three"', '"three"', false],
    ["days", "", "2", "2", true],
    ["days", ' string="true"', "two", '"two"', false],
    ["exact", ' string="true"', "true", "true", true],
    ["exact", ' string="false"', "True", "true", true],
    ["exact", ' string="false"', "yes", '"yes"', true],
    ["where", ' string="true"', '{"lat": 1.50}', '{"lat": 1.50}', true],
    ["where", ' string="false"', "None", "null", true],
    ["scale", ' string="true"', "[1]", "[1]", true],
    ["scale", ' string="false"', '"x"', '"x"', false],
    ["any", ' string="true"', "1", '"1"', false],
    ["any", ' string="false"', "[1.0]", "[1.0]", false],
    ["any", ' string="false"', "{'a': 1}", "\"{'a': 1}\"", true],
    ["any", "", "1", '"1"', true],
    ["unheard_of", ' string="false"', "None", "null", true],
  ];
  for (const [key, attribute, value, json, coerced] of values)
    test(`${key}${attribute} ${value}`, () => {
      const parameter = `<｜DSML｜ parameter name="${key}"${attribute}>${value}</｜DSML｜ parameter>\n`;
      check(call(parameter), content, got(`{"${key}": ${json}}`, ...(coerced ? [repaired] : [])));
    });
});
