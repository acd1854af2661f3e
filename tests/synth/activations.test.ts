import assert from "node:assert/strict";
import { test } from "node:test";
import { Reference } from "../../src/backends/reference/index.ts";
import type { Routing, Values } from "../../src/backends/reference/values.ts";
import { Model } from "../../src/engine/model.ts";
import type { AttendOptions, HyperCoefficients, Route, RouteOptions, Selection, Tensor, Weight } from "../../src/ops/index.ts";
import { NUMERICS, type Rows } from "../../src/ops/index.ts";
import { configOf, syntheticCheckpoint } from "../../src/synth/index.ts";

const rms = (values: Float64Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** The reference, taking note of what a random model could do wrong. */
class Watched extends Reference {
  readonly streams: number[] = [];
  readonly attended = new Map<number, number>();
  readonly byToken: Int32Array[] = [];
  readonly byScore: Int32Array[] = [];
  leftOut = 0;

  override expand(streams: Tensor, y: Tensor, post: HyperCoefficients["post"], mix: HyperCoefficients["mix"]): Tensor {
    const out = super.expand(streams, y, post, mix);
    this.streams.push(rms((out as Values).data));
    return out;
  }

  override attend(queries: Tensor, where: Rows, options: AttendOptions): Tensor {
    const ratio = options.ratio ?? 0;
    this.attended.set(ratio, (this.attended.get(ratio) ?? 0) + 1);
    return super.attend(queries, where, options);
  }

  override selectEntries(...args: Parameters<Reference["selectEntries"]>): Selection {
    const { ratio, topK } = args[4];
    for (const s of args[3].segments) this.leftOut += Math.max(0, Math.floor((s.position + s.count) / ratio) - topK);
    return super.selectEntries(...args);
  }

  override routeByToken(logits: Tensor, table: Weight, tokens: Int32Array, options: RouteOptions): Route {
    const route = super.routeByToken(logits, table, tokens, options);
    this.byToken.push((route as Routing).ids);
    return route;
  }

  override routeByScore(logits: Tensor, bias: Weight, options: RouteOptions): Route {
    const route = super.routeByScore(logits, bias, options);
    this.byScore.push((route as Routing).ids);
    return route;
  }
}

const COUNT = 300;

for (const family of ["flash", "pro"] as const)
  test(`${family}: over 300 tokens every kind of layer works, nothing explodes or dies out, experts share the work`, async (t) => {
    const ops = new Watched(NUMERICS.get("official")!);
    const model = await Model.load(syntheticCheckpoint(configOf(family, 1.3e7)), ops);
    const { vocabSize, experts, layers } = model.config;
    const tokens = Array.from({ length: COUNT }, (_, i) => (7919 * i + 17 * i * i) % vocabSize);
    const { logits, ahead } = await model.stepAhead(model.newSequence(), tokens, tokens.slice(1));

    assert.deepEqual(
      [...ops.attended].sort(([a], [b]) => a - b),
      // The last one is the MTP block.
      family === "flash"
        ? [
            [0, 3],
            [4, 2],
            [128, 1],
          ]
        : [
            [0, 1],
            [4, 2],
            [128, 3],
          ],
    );
    assert.ok(ops.leftOut > 0, "the indexer leaves entries out");
    assert.deepEqual([ops.byToken.length, ops.byScore.length], [3, layers - 3 + 1]);

    t.diagnostic(`streams ${ops.streams.map((v) => v.toFixed(2)).join(" ")}`);
    assert.equal(ops.streams.length, 2 * (layers + 1));
    for (const size of ops.streams) assert.ok(size > 0.3 && size < 3, `${ops.streams}`);

    for (const ids of [...ops.byToken, ...ops.byScore]) {
      const counts = new Float64Array(experts);
      for (const id of ids) counts[id]++;
      const mean = ids.length / experts;
      const [least, most] = [Math.min(...counts) / mean, Math.max(...counts) / mean];
      t.diagnostic(`expert loads from ${least.toFixed(2)} to ${most.toFixed(2)} of the mean`);
      assert.ok(least > 0.2 && most < 2.5, `${counts}`);
    }

    for (const [what, rows] of Object.entries({ logits, ahead })) {
      const entropies = rows.map(entropy);
      const mean = entropies.reduce((a, b) => a + b) / rows.length;
      const [least, most] = [Math.min(...entropies), Math.max(...entropies)];
      const found = `${what}: entropy ${least.toFixed(2)} to ${most.toFixed(2)}, ${mean.toFixed(2)} on average, of ${Math.log(vocabSize).toFixed(2)}`;
      t.diagnostic(found);
      assert.ok(least > 0.1 && mean > 3 && most < Math.log(vocabSize) - 1, found);
    }
    const winners = logits.map((row) => row.indexOf(Math.max(...row)));
    assert.ok(new Set(winners).size > COUNT / 3, `${new Set(winners).size} different next tokens`);
  });

/** In nats; NaN if any logit is. */
function entropy(logits: Float32Array): number {
  const most = Math.max(...logits);
  const weights = Float64Array.from(logits, (v) => Math.exp(v - most));
  const total = weights.reduce((a, b) => a + b);
  return -weights.reduce((sum, w) => sum + (w > 0 ? (w / total) * Math.log(w / total) : w), 0);
}
