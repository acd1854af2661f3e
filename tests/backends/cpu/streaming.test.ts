import assert from "node:assert/strict";
import { after, test } from "node:test";
import { configOf, syntheticCheckpoint } from "../../../src/synth/index.ts";
import { load, minnow, readThrough, trace } from "./streaming-support.ts";

const small = await minnow();
after(() => small.close());
const MODELS = [
  ["Minnow", small],
  ["30 M random parameters", syntheticCheckpoint(configOf("flash", 30e6))],
] as const;

for (const [name, checkpoint] of MODELS)
  for (const numerics of ["float", "official", "int8"])
    test(`${name}, ${numerics}: with a quarter of the experts in memory the very bits of all in memory`, async () => {
      const whole = await load(checkpoint, numerics, { threads: 1 });
      const expected = await trace(whole);
      const { bytes, all } = whole.ops.counts.experts;
      await whole.ops.close();
      for (const threads of [1, 2]) {
        const streamed = await load(checkpoint, numerics, { threads, expertBytes: bytes / 4 });
        assert.deepEqual(await trace(streamed), expected);
        assert.deepEqual(await trace(streamed), expected, "with whatever is in memory by now");
        const { experts, streaming } = streamed.ops.counts;
        assert.ok(experts.inMemory <= all / 4 && experts.bytes <= bytes / 4, `${experts.inMemory} of ${all}`);
        assert.ok(streaming.hits > 0 && streaming.misses > 0 && streaming.prefetched > 0 && streaming.waitedMs > 0);
        await streamed.ops.close();
      }
    });

test("every read is counted, and a memory that holds all experts reads none", async () => {
  const read = new Map<string, number>();
  const counted = readThrough(small, async (name, go) => {
    read.set(name, (read.get(name) ?? 0) + 1);
    await go();
  });
  const ofExperts = () => [...read].filter(([name]) => /experts\.\d/.test(name));
  const whole = await load(counted, "official", { threads: 1 });
  await trace(whole);
  assert.ok(
    ofExperts().every(([, times]) => times === 1),
    "each tensor once",
  );
  assert.deepEqual([whole.ops.counts.streamed, whole.ops.counts.streaming.bytesRead], [false, 0]);
  const { slotBytes } = whole.ops.counts.experts;
  await whole.ops.close();

  read.clear();
  const streamed = await load(counted, "official", { threads: 1, expertBytes: 24 * slotBytes });
  assert.deepEqual(ofExperts(), [], "nothing is read before it is needed");
  await trace(streamed);
  await streamed.ops.close();
  const bytes = ofExperts().reduce((sum, [name, times]) => sum + times * small.tensors.get(name)!.byteLength, 0);
  const { bytesRead, misses, prefetched } = streamed.ops.counts.streaming;
  assert.equal(bytesRead, bytes);
  const times = ofExperts()
    .filter(([name]) => name.endsWith("w1.weight"))
    .reduce((sum, [, n]) => sum + n, 0);
  // A miss may find its expert on the way already, or be of one that came while it was asked for.
  assert.ok(times >= prefetched && times <= misses + prefetched, `${times} reads, ${misses} misses, ${prefetched} ahead`);
});
