import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Engine, type SessionEvent } from "../src/engine/index.ts";
import { pairBelongs } from "../src/eval/split.ts";

/** The real model, from its files to its answers. How good it is stands in its card; here: it works, and thinking helps. */
const folder = fileURLToPath(new URL("../models/minnow", import.meta.url));
const engine = await Engine.load(folder);

type Finish = Extract<SessionEvent, { type: "finish" }>;
async function ask(session: ReturnType<Engine["session"]>, prompt: string, thinking: boolean): Promise<Finish> {
  let finish: Finish | undefined;
  for await (const event of session.send(prompt, { thinking, temperature: 0, maxTokens: 500 })) if (event.type === "finish") finish = event;
  return finish!;
}
const numberIn = (finish: Finish) => Number(/-?\d+(?!.*\d)/s.exec(finish.message.content as string)?.[0]);

/** Pairs whose sums and differences no training prompt contains, under the rule of src/eval/split.ts. */
const UNSEEN = heldOutPairs(12);
function heldOutPairs(count: number): [number, number][] {
  const pairs: [number, number][] = [];
  for (let a = 137; pairs.length < count; a = 100 + ((a * 31 + 7) % 900)) {
    const b = 100 + ((a * 577 + 311) % 900);
    if (pairBelongs(a, b, "test")) pairs.push([a, b]);
  }
  return pairs;
}

test("it is as small as it says", () => {
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0);
  assert.ok(bytes < 16e6, `${bytes}`);
});

test("three-digit sums and differences it was not trained on: right with thinking, and better than without", async () => {
  const questions = UNSEEN.flatMap(([a, b]) => [
    { prompt: `What is ${a} + ${b}?`, answer: a + b },
    { prompt: `Take ${b} from ${a}.`, answer: a - b },
  ]);
  const score = async (thinking: boolean) => {
    const answers = await Promise.all(questions.map(({ prompt }) => ask(engine.session(), prompt, thinking)));
    for (const { reason, usage, message } of answers) {
      assert.equal(reason, "stop");
      assert.equal(Boolean(message.reasoning), thinking);
      assert.equal(usage.reasoningTokens > 0, thinking);
    }
    return answers.filter((finish, i) => numberIn(finish) === questions[i]!.answer).length;
  };
  const [thinking, direct] = [await score(true), await score(false)];
  assert.ok(thinking >= 0.9 * questions.length, `${thinking} of ${questions.length} with thinking`);
  assert.ok(thinking >= direct + questions.length / 5, `${thinking} with thinking, ${direct} without`);
});

test("a conversation goes on: each turn is answered and reuses the one before", async () => {
  const session = engine.session();
  let known = 0;
  for (const [prompt, answer] of [
    ["What is 12 + 30?", 42],
    ["and 8 plus 5", 13],
    ["9 - 4", 5],
  ] as const) {
    const finish = await ask(session, prompt, true);
    assert.equal(numberIn(finish), answer, prompt);
    assert.ok(finish.usage.cachedTokens > known, `${finish.usage.cachedTokens} of ${finish.usage.promptTokens}`);
    known = finish.usage.cachedTokens;
  }
  assert.equal(session.messages.length, 6);
});
