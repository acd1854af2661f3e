/**
 * Reasoning or content on its way out. Line breaks at the very start are dropped, and a run of line breaks is held until it is known what
 * follows, because those in front of `</think>` and of a tool block are separators, not text (as in DeepSeek's own parser).
 */
export class TextSink {
  #leading: boolean;
  #newlines = 0;
  readonly #emit: (text: string) => void;

  /** `leading`: this is a beginning, where line breaks are dropped. */
  constructor(leading: boolean, emit: (text: string) => void) {
    this.#leading = leading;
    this.#emit = emit;
  }

  write(text: string): void {
    let start = 0;
    if (this.#leading) {
      while (text[start] === "\n") start++;
      if (start === text.length) return;
      this.#leading = false;
    }
    let end = text.length;
    while (end > start && text[end - 1] === "\n") end--;
    if (end > start) {
      this.#emit("\n".repeat(this.#newlines) + text.slice(start, end));
      this.#newlines = 0;
    }
    this.#newlines += text.length - end;
  }

  /** What follows is text even if it starts with line breaks. */
  begin(): void {
    this.#leading = false;
  }

  /** A tag follows: the line breaks held were separators. */
  dropNewlines(): void {
    this.#newlines = 0;
  }

  flush(): void {
    if (this.#newlines > 0) this.#emit("\n".repeat(this.#newlines));
    this.#newlines = 0;
  }
}
