import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnswerOptions, Session, SessionEvent } from "../../src/engine/index.ts";
import { type ErrorCode, TandemError } from "../../src/errors.ts";
import { talker } from "../support/talker.ts";

type Finish = Extract<SessionEvent, { type: "finish" }>;
const engine = await talker({ numerics: "float" });
/** An answer that never ends by itself: nothing but one letter. */
const ENDLESS = new Map(engine.text!.tokenizer.encode("a").map((id) => [id, 1e9]));

async function answer(
  session: Session,
  prompt: string,
  options: AnswerOptions = {},
): Promise<{ events: SessionEvent[]; text: string; finish: Finish }> {
  const events: SessionEvent[] = [];
  let text = "";
  for await (const event of session.send(prompt, { maxTokens: 12, temperature: 0, ...options })) {
    events.push(event);
    if (event.type === "reasoning" || event.type === "content") text += `${event.type[0]}:${event.text}|`;
  }
  return { events, text, finish: events.at(-1) as Finish };
}
const rejects = (run: Promise<unknown>, code: ErrorCode) => assert.rejects(run, (e) => e instanceof TandemError && e.code === code);

test("an answer ends with finish, honest usage and a message that joins the conversation", async () => {
  const session = engine.session();
  const { finish } = await answer(session, "hello");
  assert.equal(finish.type, "finish");
  assert.equal(finish.usage.cachedTokens, 0);
  assert.ok(finish.usage.promptTokens > 4);
  assert.ok(finish.usage.completionTokens <= 12);
  if (finish.reason === "length") assert.equal(finish.usage.completionTokens, 12);
  assert.deepEqual(session.messages, [{ role: "user", content: "hello" }, finish.message]);
});

test("the same seed gives the same tokens, whatever the chunk and whoever shares the batch", async () => {
  const options = { temperature: 1.5, seed: 7, topP: 0.9, minP: 0.01 };
  const alone = await answer(engine.session(), "What is 3 + 4?", options);
  for (const chunk of [1, 3, 50]) assert.equal((await answer(engine.session(), "What is 3 + 4?", { ...options, chunk })).text, alone.text);
  const before = { ...engine.counts };
  const prompts = ["What is 3 + 4?", "something else entirely", "hi"];
  const together = await Promise.all(prompts.map((prompt) => answer(engine.session(), prompt, options)));
  assert.equal(together[0]!.text, alone.text);
  const [steps, sequences] = [engine.counts.steps - before.steps, engine.counts.sequences - before.sequences];
  assert.ok(sequences > 2 * steps, `${sequences} sequences in ${steps} steps`);
  assert.notEqual((await answer(engine.session(), "What is 3 + 4?", { ...options, seed: 8 })).text, alone.text);
});

for (const thinking of [false, true]) {
  test(`the second turn reuses the first and equals a fresh session (thinking: ${thinking})`, async () => {
    const session = engine.session();
    await answer(session, "first", { thinking });
    const history = [...session.messages];
    const second = await answer(session, "second", { thinking });
    assert.ok(second.finish.usage.cachedTokens > 5, `${second.finish.usage.cachedTokens} cached`);
    if (thinking) assert.match(second.finish.usage.cacheMiss!, /differs/);
    const fresh = engine.session();
    fresh.reset(history);
    const again = await answer(fresh, "second", { thinking });
    assert.equal(again.finish.usage.cachedTokens, 0);
    assert.ok(again.finish.usage.cacheMiss);
    assert.equal(again.text, second.text);
  });
}

test("greedy is the limit of a small temperature, and bias bans or forces a token", async () => {
  const greedy = await answer(engine.session(), "x");
  assert.equal((await answer(engine.session(), "x", { temperature: 1e-4, topP: 1, minP: 0 })).text, greedy.text);
  const eos = 1;
  const forced = await answer(engine.session(), "x", { logitBias: new Map([[eos, 1e9]]) });
  assert.deepEqual([forced.finish.reason, forced.finish.usage.completionTokens, forced.finish.message.content], ["stop", 1, ""]);
  const banned = await answer(engine.session(), "x", { logitBias: new Map([[eos, Number.NEGATIVE_INFINITY]]), maxTokens: 30 });
  assert.equal(banned.finish.reason, "length");
});

test("a stop string ends the visible answer and is not shown", async () => {
  const all = (await answer(engine.session(), "x", { thinking: false })).finish.message.content as string;
  const stop = all.slice(3, 5);
  const { finish } = await answer(engine.session(), "x", { thinking: false, stop: [stop] });
  assert.equal(finish.reason, "stop-string");
  assert.equal(finish.message.content, all.slice(0, all.indexOf(stop)));
});

test("cancelling ends the answer at once and keeps what was said", async () => {
  const session = engine.session();
  const controller = new AbortController();
  let seen = 0;
  let last: SessionEvent | undefined;
  for await (const event of session.send("count", {
    thinking: false,
    maxTokens: 300,
    signal: controller.signal,
    logitBias: ENDLESS,
  })) {
    last = event;
    if (event.type === "content" && ++seen === 3) controller.abort();
  }
  assert.equal((last as Finish).reason, "cancelled");
  assert.ok((last as Finish).usage.completionTokens < 40);
  assert.equal(session.messages.length, 2);
  assert.equal((await answer(session, "go on")).finish.type, "finish");
});

test("a consumer that walks away leaves the session usable and the conversation unchanged", async () => {
  const session = engine.session();
  for await (const _ of session.send("hello", { maxTokens: 20 })) break;
  assert.deepEqual(session.messages, []);
  const fresh = await answer(engine.session(), "hello");
  assert.equal((await answer(session, "hello")).text, fresh.text);
});

test("a prompt longer than the context is refused, not cut, and the session survives", async () => {
  const session = engine.session();
  await rejects(answer(session, "long ".repeat(400)), "engine/prompt-too-long");
  assert.deepEqual(session.messages, []);
  assert.equal((await answer(session, "short")).finish.type, "finish");
});

test("an answer that reaches the end of the context stops with reason length", async () => {
  const short = await talker({ numerics: "float", context: 40 });
  const { finish } = await answer(short.session(), "hi", { maxTokens: 1000, logitBias: ENDLESS });
  assert.equal(finish.reason, "length");
  assert.equal(finish.usage.promptTokens + finish.usage.completionTokens, 40);
});

test("what cannot be honoured is refused", async () => {
  const bad: AnswerOptions[] = [
    { temperature: -1 },
    { temperature: Number.NaN },
    { topP: 0 },
    { topP: 1.1 },
    { minP: 2 },
    { seed: 1.5 },
    { maxTokens: 0 },
    { chunk: 0.5 },
    { logitBias: new Map([[99999, 1]]) },
  ];
  for (const options of bad) await rejects(answer(engine.session(), "x", options), "engine/bad-option");
  await rejects(answer(engine.session(), "x", { effort: "enormous" }), "text/unknown-effort");
  await rejects(talker({ numerics: "fp5" }), "engine/bad-option");
  await rejects(talker({ context: 401 }), "engine/bad-option");
});

test("one session answers one prompt at a time", async () => {
  const session = engine.session();
  const first = session.send("a", { maxTokens: 2, temperature: 0 });
  await first.next();
  await rejects(answer(session, "b"), "engine/busy");
  assert.throws(
    () => session.reset(),
    (e) => e instanceof TandemError && e.code === "engine/busy",
  );
  await first.return();
  await answer(session, "c");
});

test("sampling defaults come from generation_config.json; a damaged one is an error", async () => {
  const greedy = await talker({ numerics: "float" }, { "generation_config.json": '{"do_sample": false}' });
  const runs = await Promise.all([1, 2].map(() => answer(greedy.session(), "x", { temperature: undefined as never })));
  assert.equal(runs[0]!.text, runs[1]!.text);
  await rejects(talker({}, { "generation_config.json": "{" }), "engine/bad-generation-config");
});

test("a closed engine refuses work and ends what is under way", async () => {
  const closed = await talker({ numerics: "float" });
  const session = closed.session();
  let finish: Finish | undefined;
  for await (const event of session.send("count", { thinking: false, logitBias: ENDLESS })) {
    if (event.type === "content") closed.close();
    if (event.type === "finish") finish = event;
  }
  assert.equal(finish!.reason, "cancelled");
  assert.ok(finish!.usage.completionTokens < 40);
  const refused = (e: unknown) => e instanceof TandemError && e.code === "engine/closed";
  assert.throws(() => closed.session(), refused);
  await rejects(closed.logits([1]), "engine/closed");
  await rejects(answer(session, "x"), "engine/closed");
});
