import assert from "node:assert/strict";
import { test } from "node:test";
import { TandemError } from "../../src/errors.ts";
import { dumpJson, JsonNumber, parseJson } from "../../src/text/index.ts";
import { conversationFromOpenAI, messageToOpenAI, toolsFromOpenAI } from "../../src/text/openai-messages.ts";

const messagesOf = (json: string) => conversationFromOpenAI(parseJson(json)).messages;

test("every field of a message", () => {
  assert.deepEqual(
    messagesOf(`[
      {"role":"system","content":"s","response_format":{"type":"json_object"},"tools":[{"type":"function","function":{"name":"f"}}]},
      {"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:,x"}},"b"],"task":"title"},
      {"role":"assistant","content":null,"refusal":null,"annotations":[],"reasoning_content":"r",
       "tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\\"x\\": 1.0}"}},{"function":{"name":"g","namespace":"n","arguments":{"y":1e2}}}]},
      {"role":"tool","tool_call_id":"1","name":"f","content":"ok"},
      {"role":"assistant","content":"go","wo_eos":true}
    ]`),
    [
      { role: "system", content: "s", responseFormat: new Map([["type", "json_object"]]), tools: [{ name: "f" }] },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "image", source: new Map([["url", "data:,x"]]) },
          { type: "text", text: "b" },
        ],
        task: "title",
      },
      {
        role: "assistant",
        reasoning: "r",
        toolCalls: [
          { id: "1", name: "f", arguments: '{"x": 1.0}' },
          { name: "n::g", arguments: '{"y": 1e2}' },
        ],
      },
      { role: "tool", toolCallId: "1", content: "ok" },
      { role: "assistant", content: "go", prefix: true },
    ],
  );
});

test("tools, wrapped or bare, with their namespaces and the digits of their numbers", () => {
  const [wrapped, bare] = toolsFromOpenAI(
    parseJson(
      '[{"type":"function","namespace":"n","function":{"name":"f","description":"d","strict":true,"parameters":{"maximum":1.0}}},{"name":"g","namespace":{"name":"m","description":"e"}}]',
    ),
  );
  assert.deepEqual(wrapped, { name: "f", description: "d", parameters: new Map([["maximum", new JsonNumber("1.0")]]), namespace: "n" });
  assert.deepEqual(bare, { name: "g", namespace: { name: "m", description: "e" } });
});

test("what was read is written as it was", () => {
  const json =
    '[{"role": "user", "content": "a"}, {"role": "assistant", "content": null, "reasoning_content": "r", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}, {"role": "tool", "content": "x", "tool_call_id": "1"}]';
  assert.equal(dumpJson(messagesOf(json).map(messageToOpenAI)), json);
});

for (const [what, json, code] of [
  ["a string", '"hello"', "text/bad-conversation"],
  ["an object without messages", '{"tools":[]}', "text/bad-conversation"],
  ["a request with parameters", '{"messages":[],"temperature":1}', "text/bad-conversation"],
  ["a message that is a string", '["hello"]', "text/bad-conversation"],
  ["a message without a role", '[{"content":"a"}]', "text/bad-conversation"],
  ["content that is a number", '[{"role":"user","content":1}]', "text/bad-conversation"],
  ["a block without a type", '[{"role":"user","content":[{"text":"a"}]}]', "text/bad-conversation"],
  ["an unknown field", '[{"role":"user","content":"a","mood":"good"}]', "text/bad-conversation"],
  ["a name on a user", '[{"role":"user","content":"a","name":"Ann"}]', "text/bad-conversation"],
  ["reasoning that is a number", '[{"role":"assistant","reasoning_content":1}]', "text/bad-conversation"],
  ["a call without a name", '[{"role":"assistant","tool_calls":[{"function":{}}]}]', "text/bad-conversation"],
  ["a tool of another type", '{"messages":[],"tools":[{"type":"web_search"}]}', "text/bad-tool"],
  ["a tool without a name", '{"messages":[],"tools":[{"function":{}}]}', "text/bad-tool"],
] as const)
  test(`refuses ${what}`, () =>
    assert.throws(
      () => conversationFromOpenAI(parseJson(json)),
      (error) => error instanceof TandemError && error.code === code,
    ));
