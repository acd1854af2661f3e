import assert from "node:assert/strict";
import { test } from "node:test";
import { TandemError } from "../../src/errors.ts";
import { type DialectEvidence, detectDialect } from "../../src/text/index.ts";

const tokenizer = (...spellings: string[]) => ({ controlId: (spelling: string) => (spellings.includes(spelling) ? 128799 : undefined) });

test("dialects are told by encoder, then control tokens, then model type", () => {
  const cases: [DialectEvidence, string, RegExp][] = [
    [{ config: { model_type: "deepseek_v3" } }, "v3.1", /model_type "deepseek_v3"/],
    [{ config: { model_type: "deepseek_v32" } }, "v3.2", /deepseek_v32/],
    [{ config: { model_type: "deepseek_v41" } }, "v4.1", /deepseek_v41/],
    [{ config: { model_type: "deepseek_v4" } }, "v4", /deepseek_v4/],
    [{ config: { model_type: "deepseek_v4" }, tokenizer: tokenizer("<｜User｜>") }, "v4", /deepseek_v4/],
    [{ config: { model_type: "deepseek_v4" }, tokenizer: tokenizer("<｜System｜>") }, "v4.1", /<｜System｜> \(id 128799\)/],
    [{ config: {}, tokenizer: tokenizer("<｜System｜>") }, "v4.1", /only V4\.1/],
    [{ config: { model_type: "deepseek_v4" }, encoderSource: "REASONING_EFFORT_MAX = (" }, "v4", /REASONING_EFFORT_MAX/],
    [{ config: { model_type: "deepseek_v4" }, encoderSource: "REASONING_EFFORT_PROMPTS = {" }, "v4-0731", /REASONING_EFFORT_PROMPTS/],
    [
      { config: { model_type: "deepseek_v4" }, encoderSource: 'REASONING_EFFORT_MAX = "x"\n"Beyond maximum — exhaustive"' },
      "v4-0731",
      /Beyond maximum/,
    ],
    [
      { config: { model_type: "deepseek_v4" }, encoderSource: 'SYSTEM_SP_TOKEN = "<｜System｜>"\nREASONING_EFFORT_PROMPTS' },
      "v4.1",
      /SYSTEM_SP_TOKEN/,
    ],
    [{ config: { model_type: "deepseek_v32" }, encoderSource: "<{dsml_token}function_calls>" }, "v3.2", /function_calls/],
    [{ config: { model_type: "deepseek_v4" }, encoderSource: "import os; os.abort()" }, "v4", /deepseek_v4/],
    [{ config: { model_type: "deepseek_v41" }, tokenizer: tokenizer("<｜System｜>"), override: "v4-0731" }, "v4-0731", /explicitly/],
  ];
  for (const [evidence, name, reason] of cases) {
    const detected = detectDialect(evidence);
    assert.equal(detected.name, name);
    assert.match(detected.reasons[0]!, reason);
  }
  assert.match(detectDialect({ config: { model_type: "deepseek_v4" } }).reasons[1]!, /0731/);
});

test("what cannot be told is an error", () => {
  const code = (expected: string) => (error: unknown) => error instanceof TandemError && error.code === expected;
  for (const model_type of ["llama", undefined, 4, "constructor"])
    assert.throws(() => detectDialect({ config: { model_type } }), code("text/no-dialect"));
  assert.throws(() => detectDialect({ config: { model_type: "deepseek_v4" }, override: "v5" as never }), code("text/unknown-dialect"));
});
