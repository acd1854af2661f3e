import { TandemError } from "../errors.ts";

/**
 * Pre-tokenisation: cutting text into the pieces inside which BPE may merge. DeepSeek cuts in three passes, each splitting the pieces
 * of the one before: digits in groups of three, runs of Han and kana, then words, punctuation and white space.
 *
 * A tokenizer.json names its patterns as regular expressions in Rust's dialect. We never compile a pattern from a file: a hostile one
 * could take exponential time, and `\s` differs between the two dialects (Rust counts U+0085 as white space and U+FEFF not; JavaScript
 * the other way round). Instead each pattern a DeepSeek tokenizer is known to use is listed here beside its JavaScript equivalent, in
 * which `\s` is spelled `\p{White_Space}`; a file with any other pattern is refused.
 */
const KNOWN_PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  ["\\p{N}{1,3}", /\p{N}{1,3}/gu],
  ["[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", /[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+/gu],
  [
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    /[!-/:-@[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\p{White_Space}*[\r\n]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
  ],
]);

/** The JavaScript form of a pattern found in a tokenizer.json. Error `text/tokenizer-unsupported` if it is not one we know. */
export function knownPattern(pattern: string): RegExp {
  // Files write a line break inside a class either as itself or as an escape; both mean the same.
  const found = KNOWN_PATTERNS.get(pattern.replaceAll("\r", "\\r").replaceAll("\n", "\\n"));
  if (found === undefined) throw new TandemError("text/tokenizer-unsupported", { what: `the split pattern ${JSON.stringify(pattern)}` });
  return found;
}

/** Cuts `text` by the first pattern, its pieces by the second, and so on. Matches and the gaps between them are all pieces. */
export function* pieces(text: string, passes: readonly RegExp[], pass = 0): Generator<string, void, undefined> {
  const pattern = passes[pass];
  if (pattern === undefined) {
    yield text;
    return;
  }
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) yield* pieces(text.slice(end, match.index), passes, pass + 1);
    yield* pieces(match[0], passes, pass + 1);
    end = match.index + match[0].length;
  }
  if (end < text.length) yield* pieces(text.slice(end), passes, pass + 1);
}
