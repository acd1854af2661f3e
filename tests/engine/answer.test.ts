import assert from "node:assert/strict";
import { test } from "node:test";
import { Answer, type Ending } from "../../src/engine/answer.ts";
import type { SessionEvent } from "../../src/engine/index.ts";
import { dialect } from "../../src/text/index.ts";

const CALL =
  '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="weather">\n<｜DSML｜parameter name="city" string="true">Rome</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>';
const tools = [{ name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } }];

/** Feeds an output character by character, as one-character tokens. */
function answer(output: string, ended: Ending, stop: string[] = []) {
  const gathered = new Answer(dialect("v4").parser("reasoning", { tools, stop }));
  const events: SessionEvent[] = [];
  for (const char of output) {
    if (gathered.complete) break;
    gathered.tokens++;
    events.push(...gathered.take(char));
  }
  events.push(...gathered.finish(""));
  return { reason: gathered.reason(ended), message: gathered.message(), reasoningTokens: gathered.reasoningTokens, events };
}

test("a tool call after thinking", () => {
  const { reason, message, events } = answer(`Look it up.</think>\n\n${CALL}`, "length");
  assert.equal(message.reasoning, "Look it up.");
  const [call] = message.toolCalls!;
  assert.deepEqual({ ...call, id: "" }, { id: "", name: "weather", arguments: '{"city": "Rome"}' });
  assert.match(call!.id!, /^call_[0-9a-f]{24}$/);
  assert.deepEqual(events.findLast((e) => e.type === "tool-end")?.call, call);
  // The block has closed, so whoever generates may stop; nobody did here.
  assert.equal(reason, "length");
  assert.equal(answer(`Look it up.</think>\n\n${CALL}`, "stop").reason, "tool-calls");
});

test("a call inside thinking that was never closed counts once the output has ended", () => {
  const { reason, message } = answer(`Look it up.\n\n${CALL}`, "stop");
  assert.equal(reason, "tool-calls");
  assert.equal(message.toolCalls?.length, 1);
});

test("an unfinished call is no call", () => {
  const { reason, message } = answer(`x</think>\n\n${CALL.slice(0, -30)}`, "length");
  assert.equal(reason, "length");
  assert.equal(message.toolCalls, undefined);
});

test("endings, and what was thought of what was said", () => {
  assert.equal(answer("x</think>y", "stop").reason, "stop");
  assert.equal(answer("x</think>y", "cancelled").reason, "cancelled");
  const { reason, message, reasoningTokens } = answer("think</think>one, two", "stop", [","]);
  assert.deepEqual([reason, message.content, message.reasoning], ["stop-string", "one", "think"]);
  assert.equal(reasoningTokens, "think</think>".length);
});
