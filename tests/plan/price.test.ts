import assert from "node:assert/strict";
import { test } from "node:test";
import { auditTensors, expectedTensors, supportedConfig } from "../../src/models/index.ts";
import { official } from "../../src/ops/index.ts";
import { Pricer } from "../../src/plan/price.ts";
import { V32_CACHE_BYTES_PER_TOKEN, v32DecodeFp8Flops } from "../../src/plan/v32-baseline.ts";
import { elements } from "../../src/tensor/index.ts";
import { FLASH, FLASH_0731, headersOnly, officialTensors, PRO, PRO_0813 } from "../support/published.ts";

const MILLION = 2 ** 20;

/** v4-architecture section 4.3, counted off the published files. */
const PUBLISHED = [
  { name: "Flash", json: FLASH, tensors: 69_187, stored: 158_069_433_298, logical: 290_944_616_402, bytes: 159_609_485_896 },
  { name: "Flash-0731", json: FLASH_0731, tensors: 72_317, stored: 165_265_454_782, logical: 304_180_418_494, bytes: 166_878_536_440 },
  { name: "Pro", json: PRO, tensors: 145_116, stored: 861_608_274_846, logical: 1_598_839_674_782, bytes: 864_704_792_696 },
  { name: "Pro-0813", json: PRO_0813, tensors: 149_782, stored: 889_484_881_098, logical: 1_650_497_936_906, bytes: 892_727_580_904 },
];

function load(json: typeof FLASH) {
  const config = supportedConfig(json);
  const tensors = headersOnly(officialTensors(expectedTensors(config)));
  return { config, tensors, audit: auditTensors(config, tensors) };
}

for (const { name, json, ...published } of PUBLISHED) {
  test(`${name}: tensors, parameters and bytes are the published ones`, () => {
    const { tensors, audit } = load(json);
    assert.deepEqual(audit.problems, []);
    assert.deepEqual(audit.unexpected, []);
    assert.equal(tensors.size, published.tensors);
    const sum = (counts: Iterable<number>) => [...counts].reduce((a, b) => a + b, 0);
    assert.equal(sum([...tensors.values()].map((t) => elements(t.shape))), published.stored);
    assert.equal(sum(audit.weights.map((w) => elements(w.shape))), published.logical);
    assert.equal(sum([...tensors.values()].map((t) => t.byteLength)), published.bytes);
  });
}

/** Section 3.2. */
const CACHE = [
  {
    name: "Flash",
    json: FLASH,
    perToken: { fp32: 13760, bf16: 6880, fp8: 3850.25, "fp8-fp4": 3514.25 },
    window: { bf16: 5_636_096, fp8: 3_214_336 },
    state: 12_206_080,
  },
  {
    name: "Pro",
    json: PRO,
    perToken: { fp32: 19696, bf16: 9848, fp8: 5511.4375, "fp8-fp4": 5031.4375 },
    window: { bf16: 7_995_392, fp8: 4_559_872 },
    state: 18_710_528,
  },
];

for (const { name, json, ...expected } of CACHE) {
  test(`${name}: cache bytes per token, window and compressor state`, () => {
    const { config, audit } = load(json);
    for (const [layout, bytes] of Object.entries(expected.perToken)) {
      const size = new Pricer(config, audit.weights, official, layout as "bf16").cache(MILLION);
      assert.equal(size.bytesPerToken, bytes, layout);
      assert.equal(size.compressorStateBytes, expected.state);
      if (layout in expected.window) assert.equal(size.windowBytes, expected.window[layout as "bf16"]);
      assert.equal(size.totalBytes, bytes * MILLION + size.windowBytes + size.compressorStateBytes);
    }
  });
}

/** The report: at 1 M tokens Pro needs 27 % and Flash 10 % of V3.2's FLOPs per token, and 10 % and 7 % of its cache. */
for (const { name, json, flops, cache } of [
  { name: "Pro", json: PRO, flops: 0.27, cache: 0.1 },
  { name: "Flash", json: FLASH, flops: 0.1, cache: 0.07 },
]) {
  test(`${name} against V3.2 at 1 M tokens as the report claims`, () => {
    const { config, audit } = load(json);
    const pricer = new Pricer(config, audit.weights, official, "fp8-fp4");
    const flopRatio = pricer.decode(MILLION).fp8EquivalentFlops / v32DecodeFp8Flops(MILLION);
    const cacheRatio = pricer.cache(MILLION).bytesPerToken / V32_CACHE_BYTES_PER_TOKEN.fp8;
    assert.ok(Math.abs(flopRatio - flops) < 0.01, `${flopRatio}`);
    assert.ok(Math.abs(cacheRatio - cache) < 0.006, `${cacheRatio}`);
  });
}

test("a prefill costs the sum of its parts, and decoding at N what prefill's token N costs", () => {
  const { config, audit } = load(FLASH);
  const pricer = new Pricer(config, audit.weights, official, "bf16");
  const total = (flops: Readonly<Record<string, number>>) => Object.values(flops).reduce((a, b) => a + b, 0);
  const head = 2 * config.vocabSize * config.hidden + 2 * 4 * config.streams * config.hidden + 2 * config.streams * config.hidden;
  const whole = total(pricer.prefill(3000).flops);
  const parts = total(pricer.prefill(1000).flops) + total(pricer.prefill(1999, 1000).flops) + total(pricer.decode(2999).flops);
  assert.equal(parts - whole, 2 * head);
  assert.ok(pricer.decode(1000, 8).weightBytes < 8 * pricer.decode(1000).weightBytes);
});
