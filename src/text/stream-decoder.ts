import type { Tokenizer } from "./types.ts";

/**
 * Ids to text, one id at a time. A token may end in the middle of a character (Chinese and emoji often do); such bytes are held back
 * until the character is complete, or replaced by U+FFFD when it cannot be.
 */
export class StreamDecoder {
  readonly #tokenizer: Tokenizer;
  // ignoreBOM keeps a leading U+FEFF, which is text here.
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** Text that this token completes; may be empty. Control tokens are spelled out. Error `text/unknown-id`. */
  push(id: number): string {
    return this.#utf8.decode(this.#tokenizer.bytes(id), { stream: true });
  }

  /** End of output: an incomplete character becomes U+FFFD. The decoder can be used again afterwards. */
  flush(): string {
    return this.#utf8.decode();
  }
}
