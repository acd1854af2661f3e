/**
 * Fuzzes the output parser: well-formed answers, damaged. Run: node bench/fuzz-output.ts [count] [seed]
 *
 * Each answer is parsed whole and in random pieces; the merged events must be equal, every invariant of tests/text/output-feeding.ts must
 * hold, and shown text must come from the answer in order. Then megabytes of near-markup are timed, whole and in 4-unit pieces.
 */
import assert from "node:assert/strict";
import { createOutputParser, type OutputParserOptions } from "../src/text/output-parser.ts";
import { DSML_WRITERS, v31, WEATHER } from "../tests/text/output-dsml.ts";
import { merged, outcome, parse } from "../tests/text/output-feeding.ts";

const count = Number(process.argv[2] ?? 10_000);
let state = Number(process.argv[3] ?? 1) >>> 0;

/** mulberry32: the run can be repeated from its seed. */
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const below = (n: number): number => Math.floor(random() * n);
const pick = <T>(items: readonly T[]): T => items[below(items.length)];
const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);

const WORDS = [
  "Rome",
  " ",
  "\n",
  "\n\n",
  "<",
  "</",
  "<｜",
  "<｜DSML｜",
  "</｜DSML｜",
  "DSML",
  "|",
  "‖",
  '"',
  '">',
  "\\",
  "{",
  "}",
  "😀",
  "\ud83d",
  "汉",
  "1.0",
  "END",
  "EN",
];
const prose = (): string => times(below(5), () => pick(WORDS)).join("");
const KEYS = ["city", "days", "exact", "where", "any", "arguments", "input", ""];
const RAW = ["1.0", "true", "None", '"x"', "[1, 2]", '{"city": "Rome"}', "{'a': 1}", "x", ""];

function answer(): string {
  const thought = random() < 0.5 ? `${prose()}${random() < 0.6 ? "</think>" : ""}` : "";
  const name = () => pick(["get_weather", "get_weather", "other"]);
  if (random() < 0.2)
    return `${thought}${prose()}${v31.block(...times(below(3), () => v31.call(name(), pick(['{"city": "Rome"}', '{"input": {"city": 1}}', "{", prose()]))))}`;
  const w = pick(DSML_WRITERS);
  const parameter = () => (random() < 0.5 ? w.parameter(pick(KEYS), "true", prose()) : w.parameter(pick(KEYS), "false", pick(RAW)));
  const call = () => w.call(name(), ...(random() < 0.1 ? [pick(RAW)] : times(below(4), parameter)));
  return `${thought}${prose()}\n\n${w.block(...times(below(4), call))}${random() < 0.2 ? prose() : ""}`;
}

/** Cut out, doubled, cut off, mistyped: somewhere. */
function damaged(text: string): string {
  const from = below(text.length + 1);
  const to = Math.min(text.length, from + below(30));
  switch (below(7)) {
    case 0:
      return text.slice(0, from) + text.slice(to);
    case 1:
      return text.slice(0, to) + text.slice(from);
    case 2:
      return text.slice(0, from);
    case 3:
      return text.slice(0, from) + prose() + text.slice(from);
    case 4:
      return text.replaceAll("｜", pick(["|", "‖", "｜｜"]));
    case 5:
      return text + answer();
    default:
      return text;
  }
}

function pieces(text: string): string[] {
  const out: string[] = [];
  for (let at = 0; at < text.length; ) out.push(text.slice(at, (at += 1 + below(random() < 0.5 ? 3 : 40))));
  return out;
}

function fuzz(): void {
  const seen = new Map<string, number>();
  const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  for (let i = 0; i < count; i++) {
    let text = answer();
    while (random() < 0.5) text = damaged(text);
    const options: OutputParserOptions = {
      dialect: pick(["v3.1", "v3.2", "v4", "v4.1"]),
      start: pick(["reasoning", "content", "content", "tool-calls"]),
      continues: random() < 0.2,
      stop: pick([[], [], ["END"], ["\n", "Rome"]]),
      ...pick([{}, { tools: [WEATHER] }, { tools: [WEATHER] }, { tools: [] }]),
    };
    try {
      const whole = merged(parse([text], options));
      assert.deepEqual(merged(parse(pieces(text), options)), whole);
      const { reasoning, content, calls, dropped, warnings, stop } = outcome(whole);
      let at = 0;
      for (const unit of (reasoning + content).split("")) assert.ok((at = text.indexOf(unit, at) + 1) > 0);
      for (const what of [...calls.map(() => "(calls)"), ...dropped.map(() => "(calls dropped)"), ...warnings, `(stop ${stop})`])
        note(what);
    } catch (error) {
      console.error("failed on", JSON.stringify({ text, options }));
      throw error;
    }
  }
  console.log(`${count} answers, no failure. Seen:`);
  for (const [what, times] of [...seen].sort()) console.log(`  ${what.padEnd(24)} ${times}`);
}

function timeAll(): void {
  const begun = DSML_WRITERS[3].block(DSML_WRITERS[3].call("get_weather", DSML_WRITERS[3].parameter("city", "true", "@"))).split("@")[0];
  for (const unit of [
    "word ",
    "<",
    "\n",
    "<｜DSML｜",
    "<｜DSML｜ call",
    "<｜DSML｜ calls>",
    '<｜DSML｜ invoke name="',
    begun,
    `${begun}</think>`,
  ]) {
    const text = unit.repeat((1 << 20) / unit.length);
    for (const [how, chunks] of [
      ["whole", [text]],
      ["in pieces", text.match(/.{1,4}/gs)!],
    ] as const) {
      const parser = createOutputParser({ dialect: "v4.1", start: "reasoning", tools: [WEATHER], stop: ["END"] });
      const begin = performance.now();
      for (const chunk of chunks) parser.push(chunk);
      parser.finish();
      console.log(`${(performance.now() - begin).toFixed(0).padStart(6)} ms  1 Mi units of ${JSON.stringify(unit.slice(0, 40))} ${how}`);
    }
  }
}

fuzz();
timeAll();
