import assert from "node:assert/strict";
import { test } from "node:test";
import type { DialectName, Rendered } from "../../src/text/types.ts";
import fixture from "../fixtures/text/output-recipe.json" with { type: "json" };
import { parseAllWays } from "./output-feeding.ts";

test(`${fixture.cases.length} answers are parsed as by DeepSeek's own parser`, () => {
  for (const { text, expected, dialect, start, continues, stop } of fixture.cases) {
    const options = { dialect: dialect as DialectName, start: start as Rendered["startsIn"], continues, stop };
    const { reasoning, content, calls, stop: reason } = parseAllWays(text, options);
    const stopped = reason === "stop-string" ? (stop.find((s) => s === expected.stop) ?? "?") : null;
    assert.deepEqual({ reasoning, content, calls, stop: stopped }, expected, JSON.stringify(text));
  }
});
