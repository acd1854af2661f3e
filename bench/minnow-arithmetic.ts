/**
 * How often Minnow is right, on questions it was not trained on:
 *
 *     node bench/minnow-arithmetic.ts [--count 200] [--digits 3] [--numerics official] [--seed 1] [--model models/minnow] [--json]
 *
 * Operand pairs come from the tenth of all pairs that training never sees in any order, operation or wording (the rule is
 * `held_out` in models/minnow/training/data.py). An answer is right if the last integer of its visible content is.
 */
import { parseArgs } from "node:util";
import { Engine } from "../src/engine/index.ts";
import { seededRandom } from "../src/engine/random.ts";
import { heldOut } from "../tests/support/held-out.ts";

const { values: args } = parseArgs({
  options: {
    count: { type: "string", default: "200" },
    digits: { type: "string", default: "3" },
    numerics: { type: "string", default: "official" },
    seed: { type: "string", default: "1" },
    model: { type: "string", default: new URL("../models/minnow", import.meta.url).pathname },
    json: { type: "boolean", default: false },
  },
});

const WORDINGS: Readonly<Record<"+" | "-", readonly string[]>> = {
  "+": [
    "What is A + B?",
    "A+B",
    "Calculate A plus B.",
    "Please add A and B",
    "How much is A and B together?",
    "what's A plus B",
    "Can you add A and B for me?",
    "A + B =",
  ],
  "-": [
    "What is A - B?",
    "A-B",
    "Calculate A minus B.",
    "Please subtract B from A",
    "How much is A minus B?",
    "what's A take away B",
    "Can you take B from A for me?",
    "A - B =",
  ],
};

const random = seededRandom(Number(args.seed));
const below = (n: number) => Math.floor(random() * n);
const most = 10 ** Number(args.digits);

function question(op: "+" | "-"): { prompt: string; answer: number } {
  for (;;) {
    const [a, b] = [most / 10 + below((most * 9) / 10), most / 10 + below((most * 9) / 10)];
    if (!heldOut(a, b)) continue;
    const wording = WORDINGS[op][below(WORDINGS[op].length)]!;
    return { prompt: wording.replace(/\bA\b/, String(a)).replace(/\bB\b/, String(b)), answer: op === "+" ? a + b : a - b };
  }
}

const engine = await Engine.load(args.model, { numerics: args.numerics });

async function ask(prompt: string, thinking: boolean): Promise<string> {
  let content = "";
  for await (const event of engine.session().send(prompt, { thinking, temperature: 0, maxTokens: 250 }))
    if (event.type === "content") content += event.text;
  return content;
}

const results: { operation: string; thinking: boolean; right: number; of: number }[] = [];
for (const op of ["+", "-"] as const) {
  const questions = Array.from({ length: Number(args.count) }, () => question(op));
  for (const thinking of [true, false]) {
    let right = 0;
    const waiting = [...questions];
    const worker = async () => {
      for (let q = waiting.pop(); q; q = waiting.pop()) {
        const said = (await ask(q.prompt, thinking)).match(/-?\d+/g)?.at(-1);
        if (Number(said) === q.answer) right++;
        else if (!args.json) console.error(`  ${thinking ? "thinking" : "direct  "} ${q.prompt} → ${said}, not ${q.answer}`);
      }
    };
    // Sixteen at a time share each reading of the weights.
    await Promise.all(Array.from({ length: 16 }, worker));
    results.push({ operation: op === "+" ? "addition" : "subtraction", thinking, right, of: questions.length });
  }
}

if (args.json) console.log(JSON.stringify({ numerics: args.numerics, digits: Number(args.digits), seed: Number(args.seed), results }));
else
  for (const r of results)
    console.log(
      `${r.operation.padEnd(12)} ${r.thinking ? "thinking" : "direct  "} ${r.right} of ${r.of} right (${((100 * r.right) / r.of).toFixed(1)} %)`,
    );
