import assert from "node:assert/strict";
import { test } from "node:test";
import { hadamard } from "../../src/backends/reference/elementwise.ts";
import { hyperCoefficients } from "../../src/backends/reference/hyper-connections.ts";
import { sqrtSoftplus } from "../../src/backends/reference/router.ts";
import { LoadedWeight, Values } from "../../src/backends/reference/values.ts";
import { roundBF16 } from "../../src/formats/index.ts";
import { rotaryFrequencies } from "../../src/models/index.ts";

/** Vectors of v4-architecture sections 2.0 and 9.3. */
const close = (actual: Iterable<number>, expected: readonly number[], tolerance: number) => {
  const values = [...actual];
  assert.equal(values.length, expected.length);
  for (const [i, v] of values.entries()) assert.ok(Math.abs(v - expected[i]!) <= tolerance, `${i}: ${v}, expected ${expected[i]}`);
};

test("Hadamard8/√8 of 0…7", () => {
  const out = hadamard(new Values(1, 8, Float64Array.from([0, 1, 2, 3, 4, 5, 6, 7])), 1);
  close(out.data, [9.899495, -1.414214, -2.828427, 0, -5.656854, 0, 0, 0], 5e-7);
});

test("Hadamard is its own inverse, head by head", () => {
  const x = Float64Array.from({ length: 3 * 64 }, (_, i) => Math.sin(i));
  const twice = hadamard(hadamard(new Values(1, x.length, x), 3), 3);
  close(twice.data, [...x], 1e-14);
});

test("hyper-connection coefficients", () => {
  // The specification prints decimals, but its figures come out only when m and base are rounded to BF16 first (-1.2 is then -1.203125).
  const m = Array.from({ length: 24 }, (_, i) => roundBF16(0.1 * i - 1.2));
  const fn = new LoadedWeight([24, 4], false);
  // One stream element is 2 and the rest 0: mean square 1, so that fn's first column, halved, is m itself.
  fn.data = Float32Array.from(m.flatMap((v) => [v / 2, 0, 0, 0]));
  const base = new LoadedWeight([24], false);
  base.data = Float32Array.from({ length: 24 }, (_, i) => roundBF16(0.01 * (((5 * i) % 7) - 3)));
  const scale = new LoadedWeight([3], false);
  scale.data = Float32Array.from([0.5, 1, 2]);
  const streams = new Values(1, 4, Float64Array.from([2, 0, 0, 0]));
  const { pre, post, mix } = hyperCoefficients(streams, { fn, base, scale }, { streams: 4, iterations: 20, eps: 1e-6, normEps: 0 });
  close(pre.data, [0.3471507, 0.3703403, 0.3775417, 0.3847976], 1e-6);
  close(post.data, [0.6326329, 0.6684181, 0.7034013, 0.7410201], 1e-6);
  const B = [
    0.2521291, 0.252311, 0.24337, 0.2521888, 0.252005, 0.2524331, 0.2432501, 0.2523108, 0.2478082, 0.247987, 0.2570621, 0.2471417,
    0.2480567, 0.2472678, 0.2563167, 0.2483577,
  ];
  close(mix.data, B, 1e-6);
});

test("√softplus", () => close([-2, 0, 1, 25].map(sqrtSoftplus), [0.35627, 0.832555, 1.145976, 5], 5e-7));

test("rotary frequencies with YaRN, no magnitude factor", () => {
  const f = rotaryFrequencies(64, 160000, { factor: 16, original: 65536, betaFast: 32, betaSlow: 1 });
  const check: [number, number][] = [
    [0, 1],
    [1, 0.687656045],
    [14, 0.00528685609],
    [15, 0.00363553851],
    [16, 0.00226562493],
    [20, 0.000296977785],
    [24, 1.95312532e-5],
    [25, 5.37231244e-6],
    [31, 5.6805294e-7],
  ];
  for (const [i, expected] of check) assert.ok(Math.abs(f[i]! / expected - 1) < 2e-7, `f[${i}] = ${f[i]}`);
});
