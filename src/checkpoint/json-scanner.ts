/**
 * A strict, forward-only reader of JSON text for the two formats whose shape is known in advance: safetensors headers and indexes.
 *
 * `JSON.parse` is not enough for untrusted files. It silently keeps the last of two equal keys, so that two readers of the same
 * file may see different tensors; it turns 100 MB of `[[],[],…` into gigabytes of arrays before anything can be checked; and it
 * reads 9007199254740993 as …992. Here the caller says what it expects next, and nothing is built that was not expected.
 * Every character is looked at a constant number of times.
 */
import { MAX_DEPTH } from "./limits.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them unescaped
const NOT_PLAIN = /[\\\u0000-\u001f]/;
const LITERAL = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

export class JsonScanner {
  readonly #text: string;
  readonly #fail: (reason: string) => Error;
  #at = 0;

  /** `fail` makes the error for text that is not JSON, or not what was expected. */
  constructor(text: string, fail: (reason: string) => Error) {
    this.#text = text;
    this.#fail = fail;
  }

  /** The next significant character, not consumed; "" at the end. */
  peek(): string {
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return this.#text.charAt(this.#at);
      this.#at++;
    }
  }

  /** Reads an object; `onKey` must consume the value. Repeated keys are the caller's to detect. */
  object(onKey: (key: string) => void): void {
    this.#expect("{");
    if (this.#accept("}")) return;
    do {
      const key = this.string();
      this.#expect(":");
      onKey(key);
    } while (this.#accept(","));
    this.#expect("}");
  }

  /** Reads an array; `onItem` must consume the item. */
  array(onItem: () => void): void {
    this.#expect("[");
    if (this.#accept("]")) return;
    do onItem();
    while (this.#accept(","));
    this.#expect("]");
  }

  string(): string {
    this.#expect('"');
    const start = this.#at;
    const end = this.#text.indexOf('"', start);
    if (end < 0) throw this.#error("a string does not end");
    const plain = this.#text.slice(start, end);
    if (NOT_PLAIN.test(plain)) return this.#escapedString(start);
    this.#at = end + 1;
    return plain;
  }

  /** A whole number from 0 to 2^53 - 1 in plain digits; undefined (and nothing consumed) for anything else. */
  natural(): number | undefined {
    this.peek();
    const start = this.#at;
    let value = 0;
    let at = start;
    for (let c = this.#text.charCodeAt(at); c >= 0x30 && c <= 0x39; c = this.#text.charCodeAt(++at)) {
      value = value * 10 + (c - 0x30);
      if (!Number.isSafeInteger(value)) return undefined;
    }
    const leadingZero = at > start + 1 && this.#text.charAt(start) === "0";
    if (at === start || leadingZero || ".eE".includes(this.#text.charAt(at) || "-")) return undefined;
    this.#at = at;
    return value;
  }

  /** Reads any value and forgets it. */
  skip(depth = 0): void {
    if (depth > MAX_DEPTH) throw this.#error(`nested more than ${MAX_DEPTH} deep`);
    const next = this.peek();
    if (next === "{") this.object(() => this.skip(depth + 1));
    else if (next === "[") this.array(() => this.skip(depth + 1));
    else if (next === '"') this.string();
    else this.#literal();
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.peek() !== "") throw this.#error("there is text after the end");
  }

  #accept(char: string): boolean {
    const found = this.peek() === char;
    if (found) this.#at++;
    return found;
  }

  #expect(char: string): void {
    if (!this.#accept(char)) throw this.#error(`"${char}" is missing`);
  }

  #literal(): void {
    LITERAL.lastIndex = this.#at;
    if (!LITERAL.test(this.#text)) throw this.#error("a value is missing");
    this.#at = LITERAL.lastIndex;
  }

  #escapedString(start: number): string {
    let end = start;
    for (; this.#text.charAt(end) !== '"'; end++) {
      if (end >= this.#text.length) throw this.#error("a string does not end");
      if (this.#text.charAt(end) === "\\") end++;
    }
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start - 1, end + 1));
    } catch {
      throw this.#error("a string has a bad escape or a control character");
    }
  }

  #error(reason: string): Error {
    return this.#fail(`${reason} at character ${this.#at}`);
  }
}
