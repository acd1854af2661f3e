/**
 * Proposes a vocabulary for Minnow: byte-level BPE learned from the skills' train split, with the control tokens and the cutting rules of
 * the present tokenizer.json.
 *
 *     node make-tokenizer.ts [--size 1024] [--out FILE] [--examples 400]      writes a tokenizer.json
 *     node make-tokenizer.ts --measure 768,1024                               tokens per example and skill, beside the present vocabulary
 *
 * Digits stay single tokens: pieces with a digit teach nothing. Deterministic.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Example, SKILLS, transcript } from "../../../../src/eval/index.ts";
import { BYTE_TO_CHAR } from "../../../../src/text/byte-alphabet.ts";
import { dialect, loadTokenizer, type Segment } from "../../../../src/text/index.ts";
import { pieces } from "../../../../src/text/pieces.ts";
import { parseTokenizerFile } from "../../../../src/text/tokenizer-file.ts";
import { learnMerges } from "./bpe-trainer.ts";
import { drawExample } from "./draw-example.ts";

const { values: args } = parseArgs({
  options: {
    size: { type: "string", default: "1024" },
    out: { type: "string" },
    examples: { type: "string", default: "400" },
    measure: { type: "string" },
  },
});
const PRESENT = readFileSync(new URL("../../tokenizer.json", import.meta.url));
const { passes } = parseTokenizerFile(PRESENT);
const SHOWN = dialect("v4-0731");
/** Long prompts repeat themselves: short ones say which words there are. */
const LONGEST = 512;
/** The first three ids, as everywhere at DeepSeek; the other control tokens close the vocabulary. */
const FIRST = 3;

const examplesOf = (seed: number, count: number): Map<string, Example[]> =>
  new Map(
    SKILLS.map((skill) => {
      const options = { seed, longest: LONGEST, tokens: (text: string) => text.length / 3, skills: SKILLS };
      return [skill.name, Array.from({ length: count }, (_, i) => drawExample(skill, i, options).example)];
    }),
  );

function segmentsOf(example: Example): Segment[] {
  const { prompt, answer } = transcript(example, SHOWN);
  return [...prompt.segments, ...answer];
}

/**
 * Pieces between control tokens, by how often they occur. What the dialect itself says, tool instructions above all, is in every prompt
 * and would drown the rest: each example counts a piece once.
 */
function learnable(examples: Iterable<Example>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const example of examples) {
    const here = new Set<string>();
    let text = "";
    for (const segment of [...segmentsOf(example), { control: "" }])
      if ("text" in segment) text += segment.text;
      else {
        for (const piece of pieces(text, passes)) if (!/\p{N}/u.test(piece)) here.add(piece);
        text = "";
      }
    for (const piece of here) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return counts;
}

/** The present file with other merges: its control tokens keep their order and spelling, placeholders are dropped. */
function tokenizerJson(size: number, counts: ReadonlyMap<string, number>): Buffer {
  const file = JSON.parse(PRESENT.toString());
  const controls = file.added_tokens.filter(({ content }: { content: string }) => !content.includes("place▁holder"));
  const merges = learnMerges(counts, size - 256 - controls.length);
  const entries = [...BYTE_TO_CHAR.toSorted(), ...merges.map(([left, right]) => left + right)];
  const first = controls.slice(0, FIRST).map(({ content }: { content: string }) => content);
  // Two merges may lead to the same entry; ids go by entries.
  const vocab = Object.fromEntries([...new Set([...first, ...entries])].map((entry, id) => [entry, id]));
  const used = Object.keys(vocab).length;
  // So that the size is what was asked for: matrices whose rows are a multiple of 128 suit every backend.
  for (let i = 0; used + controls.length - FIRST < size; i++) controls.push({ ...controls.at(-1), content: `<｜place▁holder▁no▁${i}｜>` });
  for (const [i, token] of controls.entries()) token.id = i < FIRST ? i : used + i - FIRST;
  return Buffer.from(`${JSON.stringify({ ...file, added_tokens: controls, model: { ...file.model, vocab, merges } }, null, 2)}\n`);
}

const counts = learnable([...examplesOf(1, Number(args.examples)).values()].flat());
if (args.measure) {
  const sizes = args.measure.split(",").map(Number);
  const tokenizers = [loadTokenizer(PRESENT), ...sizes.map((size) => loadTokenizer(tokenizerJson(size, counts)))];
  console.log(["skill".padEnd(15), "present", ...sizes].join("\t"));
  const means = [...examplesOf(2, 200)].map(([name, examples]) => {
    const mean = tokenizers.map((t) => examples.reduce((sum, e) => sum + t.encodeSegments(segmentsOf(e)).length, 0) / examples.length);
    console.log([name.padEnd(15), ...mean.map((n) => n.toFixed(1))].join("\t"));
    return mean;
  });
  console.log(
    ["mean".padEnd(15), ...tokenizers.map((_, i) => (means.reduce((sum, m) => sum + m[i]!, 0) / means.length).toFixed(1))].join("\t"),
  );
} else {
  const bytes = tokenizerJson(Number(args.size), counts);
  const { size } = loadTokenizer(bytes);
  if (args.out) writeFileSync(args.out, bytes);
  console.log(`${size} ids${args.out ? `, written to ${args.out}` : ""}`);
}
