import { PatternFinder } from "./pattern-finder.ts";

interface StopString {
  readonly text: string;
}

/** Cuts visible text at the first stop string; the stop string itself and everything after it are never shown. */
export class StopFilter {
  #stopped = false;
  #held = "";
  readonly #finder: PatternFinder<StopString>;
  #node: PatternFinder<StopString>["root"];

  constructor(stop: readonly string[]) {
    this.#finder = new PatternFinder(stop.map((text) => ({ text })));
    this.#node = this.#finder.root;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The part of what has come that is now certain to be shown. */
  pass(text: string): string {
    if (this.#stopped) return "";
    const all = this.#held + text;
    for (let i = this.#held.length; i < all.length; i++) {
      this.#node = this.#finder.step(this.#node, all.charCodeAt(i));
      if (this.#node.hit === undefined) continue;
      this.#stopped = true;
      this.#held = "";
      return all.slice(0, i + 1 - this.#node.hit.text.length);
    }
    const end = all.length - this.#node.depth;
    this.#held = all.slice(end);
    return all.slice(0, end);
  }

  /** Visible text has ended, so what was held is no stop string. Nothing may be passed after this. */
  flush(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }
}
