import assert from "node:assert/strict";
import { createOutputParser, type OutputParserOptions, PARSER_WARNINGS } from "../../src/text/output-parser.ts";
import type { ParserEvent, ToolCall } from "../../src/text/types.ts";

/** What one answer came to. */
export interface Outcome {
  reasoning: string;
  content: string;
  calls: ToolCall[];
  /** Names of calls begun but never ended. */
  dropped: string[];
  warnings: string[];
  stop: string | null;
}

/** Events with neighbouring text of one kind joined: what must not depend on chunk borders. */
export function merged(events: readonly ParserEvent[]): ParserEvent[] {
  const out: ParserEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if ((event.type === "reasoning" || event.type === "content") && last?.type === event.type)
      out[out.length - 1] = { type: event.type, text: last.text + event.text };
    else if (event.type === "tool-arguments" && last?.type === event.type && last.index === event.index)
      out[out.length - 1] = { ...event, json: last.json + event.json };
    else out.push(event);
  }
  return out;
}

export function parse(chunks: Iterable<string>, options: OutputParserOptions): ParserEvent[] {
  const parser = createOutputParser(options);
  const events: ParserEvent[] = [];
  for (const chunk of chunks) events.push(...parser.push(chunk));
  events.push(...parser.finish());
  return events;
}

/** The outcome, after checking what holds for every answer. */
export function outcome(events: readonly ParserEvent[]): Outcome {
  const result: Outcome = { reasoning: "", content: "", calls: [], dropped: [], warnings: [], stop: null };
  const open = new Map<number, { name: string; json: string }>();
  let next = 0;
  for (const event of events) {
    if (event.type === "reasoning" || event.type === "content") {
      assert.notEqual(event.text, "");
      assert.ok(next === 0 && (event.type === "content" || result.content === ""), "reasoning, then content, then calls");
      result[event.type] += event.text;
    } else if (event.type === "tool-begin") {
      assert.equal(event.index, next++);
      open.set(event.index, { name: event.name, json: "" });
    } else if (event.type === "tool-arguments") open.get(event.index)!.json += event.json;
    else if (event.type === "tool-end") {
      const { name, json } = open.get(event.index)!;
      open.delete(event.index);
      assert.deepEqual(event.call, { name, arguments: json }, "fragments add up to the final arguments");
      const value = JSON.parse(json);
      assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), "arguments are an object");
      result.calls.push(event.call);
    } else if (event.type === "warning") {
      assert.ok(event.kind in PARSER_WARNINGS, event.kind);
      result.warnings.push(event.kind);
    } else {
      assert.equal(result.stop, null, "one stop at most");
      result.stop = event.reason;
    }
  }
  result.dropped = [...open.values()].map(({ name }) => name);
  return result;
}

/** Parses whole, cut in two at every place, and unit by unit; the outcome, which must be the same each time. */
export function parseAllWays(text: string, options: OutputParserOptions): Outcome {
  const whole = merged(parse([text], options));
  for (let cut = 1; cut < text.length; cut++)
    assert.deepEqual(merged(parse([text.slice(0, cut), text.slice(cut)], options)), whole, `cut at ${cut}`);
  const units = parse(text.split(""), options);
  assert.deepEqual(merged(units), whole, "unit by unit");
  // Well-formed input: no event may end or begin with half a character.
  if (text.isWellFormed())
    for (const event of units) if ("text" in event) assert.ok(event.text.isWellFormed(), `half a surrogate pair in ${event.type}`);
  return outcome(whole);
}

/** Parses all ways and compares the whole outcome: what `expected` does not mention must be empty. */
export function check(text: string, options: OutputParserOptions, expected: Partial<Outcome>): void {
  const nothing: Outcome = { reasoning: "", content: "", calls: [], dropped: [], warnings: [], stop: null };
  assert.deepEqual(parseAllWays(text, options), { ...nothing, ...expected });
}
