import { BYTE_TO_CHAR } from "../../src/text/byte-alphabet.ts";

/** The split patterns of every DeepSeek tokenizer since V3, as its tokenizer.json writes them. */
export const DEEPSEEK_PATTERNS = [
  "\\p{N}{1,3}",
  "[一-龥぀-ゟ゠-ヿ]+",
  "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
];

/** A complete tokenizer.json of a few kilobytes: the 256 bytes, a handful of merges, a handful of control tokens. */
export function smallTokenizerJson() {
  const vocab: Record<string, number> = Object.fromEntries(BYTE_TO_CHAR.map((char, id) => [char, id]));
  const merges: unknown[] = ["t h", "th e", "Ġ the", "i n", "in g", "1 2", "ä ½", "ä½ ł", "Ġ Ġ", "ĠĠ ĠĠ", "a a", "aa aa"];
  for (const merge of merges as string[]) vocab[merge.replace(" ", "")] = Object.keys(vocab).length;
  const added = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>", "｜DSML｜"];
  return {
    version: "1.0",
    added_tokens: added.map((content, i) => ({
      id: 300 + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null as unknown,
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        ...DEEPSEEK_PATTERNS.map((Regex) => ({ type: "Split", pattern: { Regex }, behavior: "Isolated", invert: false })),
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
      ] as Record<string, unknown>[],
    } as Record<string, unknown>,
    decoder: { type: "ByteLevel" } as unknown,
    model: { type: "BPE", dropout: null, unk_token: null, byte_fallback: false, vocab, merges } as Record<string, unknown>,
  };
}
