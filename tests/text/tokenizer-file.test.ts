import assert from "node:assert/strict";
import { test } from "node:test";
import { TandemError } from "../../src/errors.ts";
import { loadTokenizer } from "../../src/text/index.ts";
import { MAX_ENTRY_CHARS, MAX_FILE_BYTES, MAX_IDS } from "../../src/text/tokenizer-file.ts";
import { toBytes } from "./deepseek-tokenizer.ts";
import { smallTokenizerJson } from "./small-tokenizer.ts";
import { fuzzTokenizer } from "./tokenizer-mutations.ts";

type Json = ReturnType<typeof smallTokenizerJson>;
const with_ = (change: (json: Json) => unknown): Uint8Array => {
  const json = smallTokenizerJson();
  change(json);
  return toBytes(json);
};
const vocab = (json: Json) => json.model.vocab as Record<string, unknown>;
const merges = (json: Json) => json.model.merges as unknown[];
const steps = (json: Json) => json.pre_tokenizer.pretokenizers as Record<string, unknown>[];

test("a small tokenizer loads, with merges written either way", () => {
  const tokenizer = loadTokenizer(toBytes(smallTokenizerJson()));
  assert.deepEqual(tokenizer.encode("the the 你"), [257, 258, 32, 263]);
  assert.equal(tokenizer.size, 307);
  const pairs = loadTokenizer(with_((json) => (json.model.merges = merges(json).map((merge) => (merge as string).split(" ")))));
  assert.deepEqual(pairs.encode("the the 你"), [257, 258, 32, 263]);
});

const MALFORMED: Readonly<Record<string, readonly [string, Uint8Array]>> = {
  "empty file": ["text/tokenizer-invalid", new Uint8Array()],
  "not UTF-8": ["text/tokenizer-invalid", Uint8Array.of(0x22, 0xff, 0x22)],
  "not an object": ["text/tokenizer-invalid", toBytes([])],
  "deep nesting": ["text/tokenizer-invalid", new TextEncoder().encode("[".repeat(1e6))],
  "too large": ["text/tokenizer-limit", new Uint8Array(MAX_FILE_BYTES + 1)],
  "no model": ["text/tokenizer-invalid", with_((json) => delete (json as Partial<Json>).model)],
  "other model": ["text/tokenizer-unsupported", with_((json) => (json.model.type = "Unigram"))],
  "BPE dropout": ["text/tokenizer-unsupported", with_((json) => (json.model.dropout = 0.1))],
  "byte fallback": ["text/tokenizer-unsupported", with_((json) => (json.model.byte_fallback = true))],
  "vocabulary a list": ["text/tokenizer-invalid", with_((json) => (json.model.vocab = []))],
  "id not an integer": ["text/tokenizer-invalid", with_((json) => (vocab(json).x1 = 1.5))],
  "id negative": ["text/tokenizer-invalid", with_((json) => (vocab(json).x1 = -1))],
  "id too large": ["text/tokenizer-limit", with_((json) => (vocab(json).x1 = MAX_IDS))],
  "id twice": ["text/tokenizer-invalid", with_((json) => (vocab(json).x1 = 5))],
  "entry too long": ["text/tokenizer-limit", with_((json) => (vocab(json)["x".repeat(MAX_ENTRY_CHARS + 1)] = 290))],
  "entry empty": ["text/tokenizer-invalid", with_((json) => (vocab(json)[""] = 290))],
  "byte missing": ["text/tokenizer-invalid", with_((json) => delete vocab(json).A)],
  "merge of unknown parts": ["text/tokenizer-invalid", with_((json) => merges(json).push("q q"))],
  "merge of three": ["text/tokenizer-invalid", with_((json) => merges(json).push("a a a"))],
  "merge a number": ["text/tokenizer-invalid", with_((json) => merges(json).push(3))],
  "too many merges": ["text/tokenizer-limit", with_((json) => (json.model.merges = new Array(MAX_IDS + 1).fill("a a")))],
  "merge into a control token": [
    "text/tokenizer-invalid",
    with_((json) => json.added_tokens.push({ ...json.added_tokens[0]!, id: vocab(json).the as number, content: "the" })),
  ],
  "byte a control token": [
    "text/tokenizer-invalid",
    with_((json) => json.added_tokens.push({ ...json.added_tokens[0]!, id: vocab(json).A as number, content: "A" })),
  ],
  "control id taken": ["text/tokenizer-invalid", with_((json) => (json.added_tokens[0]!.id = 7))],
  "control spelled twice": ["text/tokenizer-invalid", with_((json) => (json.added_tokens[0]!.content = "<think>"))],
  "control with another id in the vocabulary": ["text/tokenizer-invalid", with_((json) => (json.added_tokens[0]!.content = "the"))],
  "control that eats white space": ["text/tokenizer-unsupported", with_((json) => (json.added_tokens[0]!.lstrip = true))],
  "control not well-formed": ["text/tokenizer-invalid", with_((json) => (json.added_tokens[0]!.content = "\ud800"))],
  normalizer: ["text/tokenizer-unsupported", with_((json) => (json.normalizer = { type: "NFC" }))],
  "other decoder": ["text/tokenizer-unsupported", with_((json) => (json.decoder = { type: "Metaspace" }))],
  "no pre-tokenizer": ["text/tokenizer-invalid", with_((json) => ((json as Record<string, unknown>).pre_tokenizer = null))],
  "other pre-tokenizer": ["text/tokenizer-unsupported", with_((json) => (json.pre_tokenizer.type = "Whitespace"))],
  "hostile pattern": ["text/tokenizer-unsupported", with_((json) => (steps(json)[0]!.pattern = { Regex: "(a+)+$" }))],
  "string pattern": ["text/tokenizer-unsupported", with_((json) => (steps(json)[0]!.pattern = { String: " " }))],
  "other behaviour": ["text/tokenizer-unsupported", with_((json) => (steps(json)[0]!.behavior = "Removed"))],
  inverted: ["text/tokenizer-unsupported", with_((json) => (steps(json)[0]!.invert = true))],
  "prefix space": ["text/tokenizer-unsupported", with_((json) => (steps(json)[3]!.add_prefix_space = true))],
  "pattern of ByteLevel": ["text/tokenizer-unsupported", with_((json) => (steps(json)[3]!.use_regex = true))],
  "no ByteLevel": ["text/tokenizer-unsupported", with_((json) => steps(json).pop())],
};

for (const [name, [code, bytes]] of Object.entries(MALFORMED)) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => loadTokenizer(bytes),
      (error) => error instanceof TandemError && error.code === code,
    );
  });
}

test("damaged files are refused or harmless", () => {
  const outcomes = fuzzTokenizer(1000, 7);
  assert.ok(
    outcomes.get("loaded")! > 50 && outcomes.get("text/tokenizer-invalid")! > 200 && outcomes.get("text/tokenizer-unsupported")! > 50,
    JSON.stringify([...outcomes]),
  );
});
