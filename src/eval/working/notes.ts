/** Thinking under construction: lines, and in them the places that are wrong on purpose. */
export class Notes {
  readonly #lines: string[] = [];
  readonly #slips: (readonly [number, number])[] = [];
  #length = 0;

  /** A line of parts; a part in an array is a slip: wrong, and not to be learned. */
  line(...parts: readonly (string | number | readonly [string | number])[]): this {
    let line = "";
    for (const part of parts) {
      const [text, slipped] = typeof part === "object" ? [String(part[0]), true] : [String(part), false];
      if (slipped) this.#slips.push([this.#length + line.length, this.#length + line.length + text.length]);
      line += text;
    }
    this.#lines.push(line);
    this.#length += line.length + 1;
    return this;
  }

  lines(lines: readonly string[]): this {
    for (const line of lines) this.line(line);
    return this;
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  get slips(): readonly (readonly [number, number])[] {
    return this.#slips;
  }
}
