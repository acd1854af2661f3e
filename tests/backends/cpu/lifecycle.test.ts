import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { test } from "node:test";
import { Engine } from "../../../src/engine/index.ts";

const root = resolve(import.meta.dirname, "../../..");
const engine = (path: string) => JSON.stringify(resolve(root, path));
const threads = () => process.getActiveResourcesInfo().filter((r) => r === "MessagePort").length;

test("a program that forgets to close the engine still ends, with its answer printed", () => {
  const script = `
    const { Engine } = await import(${engine("src/engine/index.ts")});
    const engine = await Engine.load(${engine("models/minnow")}, { threads: 2 });
    const { positions } = await engine.logits([1, 2, 3]);
    console.log(positions.length);`;
  assert.equal(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", timeout: 60_000 }), "3\n");
});

test("closing ends the threads; what is asked afterwards is refused", async () => {
  const before = threads();
  const loaded = await Engine.load(resolve(root, "models/minnow"), { threads: 2 });
  await loaded.logits([1, 2, 3]);
  await loaded.close();
  await loaded.close();
  assert.equal(threads(), before);
  await assert.rejects(loaded.logits([1]), { code: "engine/closed" });
});

test("closing while an answer is under way ends it as cancelled", async () => {
  const loaded = await Engine.load(resolve(root, "models/minnow"), { threads: 2 });
  let closed: Promise<void> | undefined;
  let reason: string | undefined;
  for await (const event of loaded.session().send("What is 123 + 456?", { temperature: 0 })) {
    if (event.type !== "finish") closed ??= loaded.close();
    else reason = event.reason;
  }
  await closed;
  assert.equal(reason, "cancelled");
});

test("sessions side by side answer as they do alone, whatever the number of threads", async () => {
  const ask = async (from: Engine, question: string) => {
    let text = "";
    for await (const event of from.session().send(question, { temperature: 0 })) if ("text" in event) text += event.text;
    return text;
  };
  const questions = ["What is 17 + 25?", "What is 903 - 114?", "What is 8 + 8?"];
  const one = await Engine.load(resolve(root, "models/minnow"), { threads: 1 });
  const alone: string[] = [];
  for (const q of questions) alone.push(await ask(one, q));
  const two = await Engine.load(resolve(root, "models/minnow"), { threads: 2 });
  assert.deepEqual(await Promise.all(questions.map((q) => ask(two, q))), alone);
  await Promise.all([one.close(), two.close()]);
});
