import type { Rendered, Segment } from "../types.ts";
import { DSML, END_THINK, GROUNDING, LATEST_REMINDER, THINK, TOOL_CALLS_BEGIN } from "./control-tokens.ts";

const TEMPLATE_CONTROLS = new RegExp(`(${THINK}|${END_THINK}|${DSML})`);

/** A prompt under construction. What others wrote goes in through `text`, and stays text whatever it spells. */
export class Prompt {
  readonly #segments: Segment[] = [];
  readonly #plainTemplate: boolean;

  constructor(plainTemplate = false) {
    this.#plainTemplate = plainTemplate;
  }

  control(...spellings: readonly string[]): this {
    for (const control of spellings) this.#segments.push({ control });
    return this;
  }

  text(text: string): this {
    if (text !== "") this.#segments.push({ text });
    return this;
  }

  add(segments: readonly Segment[]): this {
    this.#segments.push(...segments);
    return this;
  }

  /**
   * Instructions that Tandem writes: `<think>`, `</think>` and `｜DSML｜` in them are control tokens, as in DeepSeek's reference path
   * (deepseek-recipe 0.2.0 marks exactly these), unless the prompt was made with `plainTemplate`. `controls` is one capturing group.
   */
  template(text: string, controls = TEMPLATE_CONTROLS): this {
    if (this.#plainTemplate) return this.text(text);
    for (const [i, part] of text.split(controls).entries()) {
      if (i % 2 === 1) this.control(part);
      else this.text(part);
    }
    return this;
  }

  /** Markup of tool calls: `｜DSML｜` in it is a control token, always. */
  markup(text: string): this {
    for (const [i, part] of text.split(DSML).entries()) {
      if (i > 0) this.control(DSML);
      this.text(part);
    }
    return this;
  }

  /** What the model itself wrote earlier: grounding marks become control tokens again, where the vocabulary has them. */
  answer(text: string): this {
    let end = 0;
    for (const match of text.matchAll(GROUNDING)) {
      this.text(text.slice(end, match.index));
      this.#segments.push({ control: match[0], optional: true });
      end = match.index + match[0].length;
    }
    return this.text(text.slice(end));
  }

  segments(): readonly Segment[] {
    return this.#segments;
  }

  rendered(): Rendered {
    const spelled = this.#segments.map((segment) => ("text" in segment ? segment.text : segment.control));
    return { segments: this.#segments, text: spelled.join(""), ...this.#tail() };
  }

  /** Read off the tail, never off the request: the last control token says where the model will go on writing. */
  #tail(): Pick<Rendered, "startsIn" | "continues"> {
    let after = "";
    let reminded = false;
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i]!;
      if ("text" in segment) after = segment.text + after;
      // A reminder may stand inside the answer it is for, and grounding marks inside an answer to be continued.
      else if (segment.control === LATEST_REMINDER) reminded = true;
      else if (segment.optional) after = segment.control + after;
      else {
        const { control } = segment;
        const calls = control === TOOL_CALLS_BEGIN || (control === DSML && /^ ?[a-z_]+>\n$/.test(after));
        const inAnswer = control === THINK || control === END_THINK;
        return {
          startsIn: calls ? "tool-calls" : control === THINK ? "reasoning" : "content",
          continues: inAnswer && after !== "" && !reminded,
        };
      }
    }
    return { startsIn: "content", continues: false };
  }
}
