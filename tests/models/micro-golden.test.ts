import assert from "node:assert/strict";
import { test } from "node:test";
import { Model } from "../../src/engine/model.ts";
import { float } from "../../src/ops/index.ts";
import { INTERPRETERS } from "../support/interpreters.ts";
import { MICRO_TOKENS, microCheckpoint, microUniform } from "../support/micro.ts";

/** v4-architecture section 9.2: float64 logits, reproduced by the official code within 1.5e-6. */
const GOLDEN = [
  { position: 0, first: [-0.391019, -0.665142, -0.654999, -0.793045], argmax: 47, norm: 6.986642 },
  { position: 5, first: [-1.479496, -0.917905, 0.292654, -1.347501], argmax: 36, norm: 6.950877 },
  { position: 40, first: [-1.425844, -1.067851, 0.694468, -0.032151], argmax: 34, norm: 7.677721 },
  { position: 149, first: [1.439302, 0.603153, 1.274505, -0.707364], argmax: 8, norm: 7.298527 },
];
const GOLDEN_AHEAD = { position: 148, first: [1.450633, -0.513764, 0.236366, 0.940042], argmax: 31 };
/** For float64; float32 sums reach 3e-6. */
const TOLERANCE = 2e-6;

const argmax = (v: Float32Array) => v.indexOf(Math.max(...v));
const near = (actual: number, expected: number, what: string, tolerance = TOLERANCE) =>
  assert.ok(Math.abs(actual - expected) < tolerance, `${what}: ${actual}, expected ${expected}`);

test("weights of the micro model are the specified ones", () => {
  near(microUniform("embed.weight", 0), 0.5725877, "u(0)");
  near(microUniform("embed.weight", 1), 0.1534143, "u(1)");
});

for (const { name, make } of INTERPRETERS) {
  const model = await Model.load(await microCheckpoint(), make(float));
  const tolerance = name === "reference" ? TOLERANCE : 3 * TOLERANCE;
  for (const chunk of [1, 3, 7, 128, 150]) {
    test(`${name}: golden logits, prompt in chunks of ${chunk}`, async () => {
      const state = model.newSequence();
      const logits: Float32Array[] = [];
      const ahead: Float32Array[] = [];
      for (let at = 0; at < MICRO_TOKENS.length; at += chunk) {
        const end = Math.min(at + chunk, MICRO_TOKENS.length);
        const step = await model.stepAhead(state, MICRO_TOKENS.slice(at, end), MICRO_TOKENS.slice(at + 1, end + 1));
        logits.push(...step.logits);
        ahead.push(...step.ahead);
      }
      for (const { position, first, argmax: best, norm } of GOLDEN) {
        const row = logits[position]!;
        for (const [i, value] of first.entries()) near(row[i]!, value, `logit ${i} at ${position}`, tolerance);
        assert.equal(argmax(row), best);
        near(Math.hypot(...row), norm, `norm at ${position}`, 3 * tolerance);
      }
      const row = ahead[GOLDEN_AHEAD.position]!;
      for (const [i, value] of GOLDEN_AHEAD.first.entries()) near(row[i]!, value, `MTP logit ${i}`, tolerance);
      assert.equal(argmax(row), GOLDEN_AHEAD.argmax);
    });
  }
}
