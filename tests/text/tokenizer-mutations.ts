import assert from "node:assert/strict";
import { TandemError } from "../../src/errors.ts";
import { loadTokenizer } from "../../src/text/tokenizer.ts";
import { smallTokenizerJson } from "./small-tokenizer.ts";

const ORIGINAL = new TextEncoder().encode(JSON.stringify(smallTokenizerJson()));
const SAMPLE = "the thing  12345 你好\n\n<think>aaaaaaaa</think> é😀";
/** Values that have broken other readers of JSON. */
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e300,
  255,
  256,
  300,
  2 ** 20,
  2 ** 31,
  2 ** 53,
  "",
  "Ġ",
  "a a",
  " ",
  "<think>",
  "\ud800",
  [],
  [[]],
  ["a", "a"],
  {},
  { a: 1 },
  "x".repeat(2000),
  "__proto__",
];

/** Mulberry32: a small seeded generator, so that a failure can be repeated. Returns integers below `n`. */
export function random(seed: number): (n: number) => number {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** A damaged tokenizer.json: half the time some bytes changed, half the time some values replaced, removed or swapped. */
function mutate(below: (n: number) => number): Uint8Array {
  if (below(2) === 0) {
    const bytes = ORIGINAL.slice(0, below(8) === 0 ? below(ORIGINAL.length) : ORIGINAL.length);
    for (let i = below(4); i >= 0 && bytes.length > 0; i--)
      bytes[below(bytes.length)] = below(3) === 0 ? below(256) : '{}[]",:0-9eE\\ '.charCodeAt(below(14));
    return bytes;
  }
  const json: unknown = smallTokenizerJson();
  for (let i = below(3); i >= 0; i--) {
    let node = json as Record<string, unknown>;
    for (;;) {
      const keys = Object.keys(node);
      if (keys.length === 0) break;
      const key = keys[below(keys.length)]!;
      const child = node[key];
      if (typeof child === "object" && child !== null && below(6) > 0) {
        node = child as Record<string, unknown>;
        continue;
      }
      const other = keys[below(keys.length)]!;
      const kind = below(4);
      if (kind === 0) delete node[key];
      else if (kind === 1) [node[key], node[other]] = [node[other], node[key]];
      else if (kind === 2) node[key] = node[other];
      else node[key] = VALUES[below(VALUES.length)];
      break;
    }
  }
  return new TextEncoder().encode(JSON.stringify(json));
}

/**
 * Loads `count` damaged files. Each must either be refused with a code of the table or give a tokenizer that keeps its promises: text
 * round-trips and never becomes a control token. Returns how often each happened.
 */
export function fuzzTokenizer(count: number, seed: number): Map<string, number> {
  const below = random(seed);
  const outcomes = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const bytes = mutate(below);
    let outcome = "loaded";
    try {
      const tokenizer = loadTokenizer(bytes);
      const ids = tokenizer.encode(SAMPLE);
      assert.equal(tokenizer.decode(ids), SAMPLE);
      for (const id of ids) assert.equal(tokenizer.controlSpelling(id), undefined);
    } catch (error) {
      if (!(error instanceof TandemError)) throw new Error(`mutation ${i} of seed ${seed}`, { cause: error });
      outcome = error.code;
    }
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}
