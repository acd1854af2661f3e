import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzz, KINDS } from "./fuzz.ts";

/** Codes that damage of each kind must reach, or the damage is not being looked at. */
const REACHED = {
  config: ["checkpoint/bad-config"],
  index: [
    "checkpoint/bad-index",
    "checkpoint/shard-missing",
    "checkpoint/tensor-missing",
    "checkpoint/tensor-not-in-index",
    "checkpoint/duplicate-tensor",
  ],
  header: [
    "checkpoint/header-not-utf8",
    "checkpoint/header-not-json",
    "checkpoint/bad-entry",
    "checkpoint/unknown-dtype",
    "checkpoint/bad-shape",
    "checkpoint/bad-offsets",
    "checkpoint/wrong-byte-length",
    "checkpoint/duplicate-tensor",
    "checkpoint/overlapping-tensors",
    "checkpoint/gap",
    "checkpoint/tensor-not-in-index",
    "checkpoint/truncated-header",
  ],
} as const;

for (const kind of KINDS) {
  test(`5,000 damaged checkpoints (${kind}) open or fail with a code`, async () => {
    const { outcomes } = await fuzz(kind, 5000, 20260821);
    for (const code of ["ok", ...REACHED[kind]]) assert.ok(outcomes.has(code), `${code} was never reached`);
  });
}
