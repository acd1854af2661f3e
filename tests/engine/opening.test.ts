import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Engine, SessionEvent } from "../../src/engine/index.ts";
import { openingTokens } from "../../src/engine/opening.ts";
import { talker } from "../support/talker.ts";

/** One dialect begins every thinking conversation with the text of its effort, the other with a single token. */
const [long, short] = await Promise.all([talker({ dialect: "v4-0731" }), talker({ dialect: "v4" })]);
// The reference reads no opening beforehand: what it says is what a session without one says.
const plain = await talker({ dialect: "v4-0731", interpreter: "reference", numerics: "float" });
const opened = await talker({ dialect: "v4-0731", numerics: "float" });
after(() => Promise.all([long, short, plain, opened].map((engine) => engine.close())));

async function send(engine: Engine, input: Parameters<ReturnType<Engine["session"]>["send"]>[0], thinking: boolean) {
  let text = "";
  let finish: Extract<SessionEvent, { type: "finish" }> | undefined;
  for await (const event of engine.session().send(input, { thinking, temperature: 0, maxTokens: 8 }))
    if (event.type === "finish") finish = event;
    else if (event.type !== "prefill" && "text" in event) text += event.text;
  return { text, usage: finish!.usage };
}

test("the opening is what all conversations begin with, and no more", () => {
  const { tokenizer } = long.text!;
  const opening = tokenizer.decode(openingTokens(long.text!));
  for (const content of ["a", "b", "Reason", ""]) {
    const { segments } = long.text!.dialect.render([{ role: "user", content }], { thinking: true });
    assert.ok(tokenizer.decode(tokenizer.encodeSegments(segments)).startsWith(opening));
  }
  assert.ok(!opening.includes("<｜User｜>") && openingTokens(long.text!).length > 30);
  assert.ok(openingTokens(short.text!).length < 8);
});

test("conversations start from the opening, with a system message too; others from nothing", async () => {
  const { length } = openingTokens(long.text!);
  const { usage } = await send(long, "hello", true);
  assert.equal(usage.cachedTokens, length);
  assert.match(usage.cacheMiss!, /only what all conversations begin with/);
  const system = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "hello" },
  ] as const;
  assert.equal((await send(long, system, true)).usage.cachedTokens, length);
  assert.equal((await send(long, "hello", false)).usage.cachedTokens, 0);
  assert.equal((await send(short, "hello", true)).usage.cachedTokens, 0);
});

test("answers are those of a conversation read from its first token on", async () => {
  for (const prompt of ["hello", "What is 3 + 4?", "x"]) {
    const [from, whole] = [await send(opened, prompt, true), await send(plain, prompt, true)];
    assert.equal(from.text, whole.text);
    assert.ok(from.usage.cachedTokens > 0 && whole.usage.cachedTokens === 0);
  }
  // A session that continues leaves the opening as it was for the next.
  assert.equal((await send(opened, "hello", true)).text, (await send(plain, "hello", true)).text);
});
