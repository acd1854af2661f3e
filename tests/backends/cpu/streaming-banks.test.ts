import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type Loaded, load, minnow, someTokens, trace } from "./streaming-support.ts";

const checkpoint = await minnow();
after(() => checkpoint.close());
const CHUNK = 3;
const run = (loaded: Loaded) => trace(loaded, 240, CHUNK, 4);

const expected = await (async () => {
  const one = await load(checkpoint, "official", { threads: 1 });
  const bits = await run(one);
  assert.equal(one.ops.counts.banks, 1);
  await one.ops.close();
  return bits;
})();

/** Bytes of a bank, and how many the model then takes at least: weights, and stores that find no room beside them. */
for (const [bankBytes, banks] of [
  [13_000_000, 2],
  [7_000_000, 5],
  [3_500_000, 17],
] as const)
  for (const threads of [1, 2])
    for (const expertBytes of [undefined, 2_500_000])
      test(`${banks} banks and more, ${threads} threads, ${expertBytes ? "experts streamed" : "all in memory"}: the very bits of one bank`, async () => {
        const loaded = await load(checkpoint, "official", { bankBytes, threads, ...(expertBytes && { expertBytes }) });
        assert.deepEqual(await run(loaded), expected);
        const { counts } = loaded.ops;
        assert.ok(counts.banks >= banks, `${counts.banks} banks`);
        assert.equal(counts.streamed, expertBytes !== undefined);
        await loaded.ops.close();
      });

test("sequences in one step, copied, cut back and freed, agree whatever the banks", async () => {
  const scene = async ({ model, ops }: Loaded) => {
    const seen: Float32Array[] = [];
    const step = async (...inputs: Parameters<typeof model.step>[0]) => seen.push(...(await model.step(inputs)).flat());
    const tokens = someTokens(model, 400);
    const [a, b] = [model.newSequence(), model.newSequence()];
    // One grows long before the other begins, so that their stores come to lie in different banks.
    for (let at = 0; at < 200; at += 4) await step({ state: a, tokens: tokens.slice(at, at + 4), logitsAt: [] });
    for (let at = 0; at < 24; at += 4)
      await step(
        { state: a, tokens: tokens.slice(200 + at, 202 + at), logitsAt: [1] },
        { state: b, tokens: tokens.slice(at, at + 2), logitsAt: [0, 1] },
      );
    const copy = model.clone(a);
    model.free(a);
    await step({ state: copy, tokens: tokens.slice(300, 303), logitsAt: [2] }, { state: b, tokens: [tokens[310]!], logitsAt: [0] });
    await ops.close();
    return seen.map((logits) => new Uint32Array(logits.slice().buffer));
  };
  const one = await scene(await load(checkpoint, "official", { threads: 1 }));
  const many = await load(checkpoint, "official", { threads: 2, bankBytes: 4_000_000 });
  assert.deepEqual(await scene(many), one);
  assert.ok(many.ops.counts.banks > 15, `${many.ops.counts.banks}`);
});

test("a bank too small for a step says so, and gives memory back", async () => {
  const loaded = await load(checkpoint, "official", { threads: 1, bankBytes: 3_600_000 });
  const tokens = someTokens(loaded.model, 128);
  const { memory } = loaded.ops.counts;
  for (let i = 0; i < 20; i++) {
    const state = loaded.model.newSequence();
    await assert.rejects(loaded.model.step([{ state, tokens, logitsAt: [] }]), { code: "engine/out-of-memory" });
    loaded.model.free(state);
  }
  assert.deepEqual(await run(loaded), expected);
  assert.ok(loaded.ops.counts.memory < 6 * memory, `${loaded.ops.counts.memory} of ${memory} at first`);
  await loaded.ops.close();
});
