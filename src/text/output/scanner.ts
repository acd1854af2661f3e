import type { Finder, Spelling } from "./lexicon.ts";
import type { FinderNode } from "./pattern-finder.ts";
import { allows, type StateRow } from "./states.ts";

/** Who decides what the scanned text means. Each call may make the scanner listen to something else from here on. */
export interface ScanHandler {
  /** Text that is certainly not part of a tag. */
  text(text: string): void;
  tag(tag: Spelling): void;
  /** Whether this tag, though listened to, counts as text that is not allowed here. */
  refuses(tag: Spelling): boolean;
  /** Text that is not allowed here, beginning with `unit`; it is scanned again after this call. */
  stray(unit: string): void;
  /** Whether a decision is due although `units` further units are still undecided. `decide` is then called, and they are scanned again. */
  overdue(units: number): boolean;
  decide(): void;
}

/**
 * Cuts text into tags and what lies between them. One step per UTF-16 unit; what is scanned again is never longer than one tag, so the
 * time is linear. Every decision depends on the units alone, never on where chunks end.
 */
export class Scanner {
  readonly #handler: ScanHandler;
  #finder!: Finder;
  #node!: FinderNode<Spelling>;
  #body: StateRow["body"] = "any";
  #pending = "";

  constructor(handler: ScanHandler) {
    this.#handler = handler;
  }

  /** What the next unit is the first one of. */
  listen(finder: Finder, body: StateRow["body"]): void {
    this.#finder = finder;
    this.#node = finder.root;
    this.#body = body;
  }

  scan(chunk: string): void {
    const handler = this.#handler;
    const text = this.#pending + chunk;
    let start = 0;
    let checked = 0;
    for (let i = this.#pending.length; i < text.length; ) {
      this.#node = this.#finder.step(this.#node, text.charCodeAt(i++));
      const tag = this.#node.hit;
      const free = i - (tag === undefined ? this.#node.depth : tag.text.length);
      while (checked < free && allows(this.#body, text.charCodeAt(checked))) checked++;
      let resume = i;
      if (checked < free || (tag !== undefined && handler.refuses(tag))) {
        resume = checked;
        handler.text(text.slice(start, resume));
        handler.stray(text[resume]);
      } else if (tag !== undefined) {
        handler.text(text.slice(start, free));
        handler.tag(tag);
      } else if (handler.overdue(i - start)) {
        resume = free;
        handler.text(text.slice(start, resume));
        handler.decide();
      } else continue;
      this.#node = this.#finder.root;
      i = start = checked = resume;
    }
    let end = text.length - this.#node.depth;
    if (end > start && text.charCodeAt(end - 1) >> 10 === 0x36) end--; // a high surrogate waits for its other half
    this.#pending = text.slice(end);
    handler.text(text.slice(start, end));
  }

  /** The text held back, given up because nothing follows. */
  rest(): string {
    const rest = this.#pending;
    this.#pending = "";
    return rest;
  }
}
