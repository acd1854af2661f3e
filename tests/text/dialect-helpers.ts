import assert from "node:assert/strict";
import { type ErrorCode, TandemError } from "../../src/errors.ts";
import { type DialectName, dialect, type Message, type Rendered, type RenderOptions } from "../../src/text/index.ts";

/** Expectations use the short marks of the specification for the control tokens that open and close turns. */
export const MARKS: Readonly<Record<string, string>> = {
  "⟂": "<｜begin▁of▁sentence｜>",
  "∎": "<｜end▁of▁sentence｜>",
  "⟨U⟩": "<｜User｜>",
  "⟨A⟩": "<｜Assistant｜>",
  "⟨S⟩": "<｜System｜>",
};
export const full = (text: string): string => text.replaceAll(/⟂|∎|⟨.⟩/g, (mark) => MARKS[mark]!);
export const EFFORT = (n: number) => `Reasoning Effort: ${n} (range 1-100, the higher the value, the more thorough the reasoning)\n\n`;

export const render = (name: DialectName, messages: readonly Message[], options: Partial<RenderOptions> = {}): Rendered =>
  dialect(name).render(messages, { thinking: false, ...options });
export function expect(
  name: DialectName,
  messages: readonly Message[],
  options: Partial<RenderOptions>,
  text: string,
  startsIn: Rendered["startsIn"],
): void {
  const rendered = render(name, messages, options);
  assert.equal(rendered.text, full(text));
  assert.equal(rendered.startsIn, startsIn);
}
export const refuses = (expected: ErrorCode, name: DialectName, messages: readonly Message[], options: Partial<RenderOptions> = {}): void =>
  assert.throws(
    () => render(name, messages, options),
    (error) => error instanceof TandemError && error.code === expected,
  );

export const user = (content: string): Message => ({ role: "user", content });
export const system = (content: string): Message => ({ role: "system", content });
export const answer = (content: string, reasoning?: string): Message => ({
  role: "assistant",
  content,
  ...(reasoning === undefined ? {} : { reasoning }),
});
export const controls = ({ segments }: Rendered): string[] =>
  segments.flatMap((segment) => ("control" in segment ? [segment.control] : []));

export const WEATHER = { name: "get_weather", description: "Weather", parameters: { type: "object" } };
export const LOOP: Message[] = [
  user("Rome weather?"),
  { role: "assistant", reasoning: "Need tool.", toolCalls: [{ id: "1", name: "get_weather", arguments: '{"city":"Rome","days":2}' }] },
  { role: "tool", toolCallId: "1", content: '{"c":18}' },
];
