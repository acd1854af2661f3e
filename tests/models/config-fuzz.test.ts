import assert from "node:assert/strict";
import { test } from "node:test";
import { fuzzConfigs } from "./config-fuzz.ts";

test("damaged configs load and run, or fail with a code", async () => {
  const outcomes = await fuzzConfigs(600, 1);
  for (const code of ["ok", "model/bad-config", "model/wrong-tensor", "model/missing-tensor", "checkpoint/bad-config"])
    assert.ok(outcomes.get(code), `${code} never happened`);
});
