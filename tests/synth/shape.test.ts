import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { supportedConfig } from "../../src/models/index.ts";
import { configOf, type Family, MIN_PARAMETERS, PUBLISHED, parameterCount } from "../../src/synth/index.ts";
import { withCode } from "../checkpoint/raw-file.ts";

/** What the publisher's files hold: v4-architecture section 4.3. */
const COUNTS = { flash: 290_944_616_402, pro: 1_598_839_674_782 };
const FAMILIES = Object.keys(PUBLISHED) as Family[];

for (const family of FAMILIES)
  test(`${family}: full is the published configuration, by name and by number`, () => {
    assert.equal(parameterCount(PUBLISHED[family]), COUNTS[family]);
    assert.deepEqual(configOf(family, "full"), PUBLISHED[family]);
    assert.deepEqual(configOf(family, COUNTS[family]), PUBLISHED[family]);
  });

test("any scale gives a supported configuration with every mechanism, within 5 % from 30 M on", () => {
  const scales = fc.constantFrom(...FAMILIES).chain((family) =>
    // Evenly over the orders of magnitude.
    fc.double({ min: 0, max: 1, noNaN: true }).map((t) => ({
      family,
      parameters: Math.min(COUNTS[family], Math.round(MIN_PARAMETERS * (COUNTS[family] / MIN_PARAMETERS) ** t)),
    })),
  );
  fc.assert(
    fc.property(scales, ({ family, parameters }) => {
      const json = configOf(family, parameters);
      const c = supportedConfig(json);
      const miss = Math.abs(parameterCount(json) / parameters - 1);
      assert.ok(miss < (parameters >= 3e7 ? 0.05 : 0.3), `${(100 * miss).toFixed(1)} % off`);

      const aligned = [c.hidden, c.headDim, c.qRank, c.outputRank, c.expertHidden, (c.heads * c.headDim) / c.outputGroups, c.index.headDim];
      for (const width of aligned) assert.equal(width % 128, 0, `${aligned}`);
      assert.equal(c.vocabSize, parameters >= 2e8 ? PUBLISHED[family].vocab_size : c.vocabSize);
      assert.ok(c.vocabSize >= 3200 && c.vocabSize % 128 === 0);

      const body = c.ratios.slice(0, c.layers);
      const first = family === "flash" ? 0 : 128;
      assert.deepEqual(body.slice(0, 5), [first, first, 4, 128, 4]);
      assert.deepEqual(c.ratios.slice(c.layers), [0]);
      for (const ratio of [4, 128] as const) assert.ok(body.slice(c.hashLayers).includes(ratio), `score-routed with ratio ${ratio}`);
      assert.deepEqual([c.hashLayers, c.mtpBlocks, c.streams, c.sharedExperts, c.expertsPerToken], [3, 1, 4, 1, 6]);
      assert.ok(c.outputGroups >= 2 && c.experts > c.expertsPerToken && c.experts <= 2 * PUBLISHED[family].n_routed_experts);
      assert.deepEqual(
        [json.expert_dtype, json.quantization_config, json.rope_scaling, c.maxPositions],
        ["fp4", PUBLISHED[family].quantization_config, PUBLISHED[family].rope_scaling, 1048576],
      );
    }),
    { numRuns: 100 },
  );
});

test("refuses what is smaller than the smallest or larger than the published model", () => {
  for (const parameters of [0, MIN_PARAMETERS - 1, COUNTS.flash + 1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => configOf("flash", parameters), withCode("synth/bad-option"));
});
