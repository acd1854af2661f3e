import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compile, moduleFile, moduleText, type Variant } from "../../../scripts/kernels.ts";

for (const variant of ["plain", "relaxed"] as const satisfies readonly Variant[])
  test(`the committed ${variant} kernels are what their source compiles to (else: npm run kernels)`, async () => {
    assert.ok(moduleText(await compile(variant)) === readFileSync(moduleFile(variant), "utf8"));
  });
