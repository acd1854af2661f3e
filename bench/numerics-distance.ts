/**
 * How far each numerics lies from `official`: on Minnow's own text, and on a larger model of V4-Flash's shape with random weights.
 *
 *     node bench/numerics-distance.ts [--questions 40] [--scale 300e6] [--positions 200] [--seed 1] [--json] [--write]
 *
 * Minnow gets sums and differences of operand pairs it was not trained on and answers them, thinking, under `official`; the tokens are
 * then run under both numerics. Answers and questions are told apart: answers it knows how to write, questions it can only guess. The
 * other model, of --scale parameters, gets random tokens. The floor is `official` again with sums disturbed. --write replaces
 * src/verify/measured-distances.ts. Some ten minutes.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Reference } from "../src/backends/reference/index.ts";
import type { Checkpoint } from "../src/checkpoint/index.ts";
import { openCheckpoint } from "../src/checkpoint/node.ts";
import { parameters, table } from "../src/cli/text.ts";
import { Model } from "../src/engine/model.ts";
import { seededRandom } from "../src/engine/random.ts";
import { loadText } from "../src/engine/text-side.ts";
import { pairBelongs } from "../src/eval/split.ts";
import { NUMERICS, official } from "../src/ops/index.ts";
import { writeSynthetic } from "../src/synth/write-node.ts";
import {
  compareModels,
  comparePositions,
  type Distance,
  type MeasuredDistances,
  type MeasuredOn,
  type PositionDistance,
  summarise,
} from "../src/verify/index.ts";
import { greedyConversations } from "../tests/verify/greedy.ts";
import { DisturbedSums } from "./disturbed-sums.ts";

const { values: args } = parseArgs({
  options: {
    questions: { type: "string", default: "40" },
    scale: { type: "string", default: "300e6" },
    positions: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const random = seededRandom(Number(args.seed));
const below = (n: number) => Math.floor(random() * n);

const WORDINGS = ["What is A + B?", "What is A - B?", "A+B", "Take B from A.", "How much is A and B together?", "what's A minus B"];
function question(): string {
  for (;;) {
    const [a, b] = [1 + below(999), 1 + below(999)];
    if (pairBelongs(a, b, "test")) return WORDINGS[below(WORDINGS.length)]!.replace(/\bA\b/, String(a)).replace(/\bB\b/, String(b));
  }
}

/** `measure` of the disturbed official and of every other numerics. */
async function all<T>(checkpoint: Checkpoint, measure: (model: Model) => Promise<T>): Promise<{ floor: T; by: Record<string, T> }> {
  const floor = await measure(await Model.load(checkpoint, new DisturbedSums(official)));
  const by: Record<string, T> = {};
  for (const numerics of NUMERICS.values())
    if (numerics !== official) by[numerics.name] = await measure(await Model.load(checkpoint, new Reference(numerics)));
  return { floor, by };
}

async function onMinnow(): Promise<MeasuredOn[]> {
  const checkpoint = await openCheckpoint(fileURLToPath(new URL("../models/minnow", import.meta.url)));
  const base = await Model.load(checkpoint, new Reference(official));
  const text = (await loadText(checkpoint, base.config.eosId))!;
  const conversations = await greedyConversations(base, text, Array.from({ length: Number(args.questions) }, question));
  const { floor, by } = await all(checkpoint, async (model) => {
    const questions: PositionDistance[] = [];
    const answers: PositionDistance[] = [];
    for (const { tokens, prompt } of conversations) {
      // The last token of the prompt predicts the answer's first; what follows the end of an answer was never trained.
      let at = 0;
      for await (const position of comparePositions(base, model, tokens.slice(0, -1))) (++at < prompt ? questions : answers).push(position);
    }
    return { questions: summarise(questions), answers: summarise(answers) };
  });
  await checkpoint.close();
  return (["answers", "questions"] as const).map((part) => ({
    model: "minnow",
    tokens: part === "answers" ? "its answers" : "questions to it",
    randomWeights: false,
    vocabulary: base.config.vocabSize,
    floor: floor[part],
    distances: Object.fromEntries(Object.entries(by).map(([name, parts]) => [name, parts[part]])),
  }));
}

async function onRandomWeights(): Promise<MeasuredOn> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-random-"));
  try {
    const { parameters: size } = await writeSynthetic(folder, { like: "flash", scale: Number(args.scale) });
    const checkpoint = await openCheckpoint(folder);
    const base = await Model.load(checkpoint, new Reference(official));
    const vocabulary = base.config.vocabSize;
    const tokens = Array.from({ length: Number(args.positions) }, () => below(vocabulary));
    const { floor, by } = await all(checkpoint, (model) => compareModels(base, model, [tokens], { targets: false }));
    await checkpoint.close();
    return { model: `${parameters(size)} random weights`, tokens: "random tokens", randomWeights: true, vocabulary, floor, distances: by };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const measured: MeasuredDistances = {
  from: official.name,
  interpreter: "reference",
  date: new Date().toISOString().slice(0, 10),
  command: `node bench/numerics-distance.ts ${(["questions", "scale", "positions", "seed"] as const).map((name) => `--${name} ${args[name]}`).join(" ")} --write`,
  on: [...(await onMinnow()), await onRandomWeights()],
};

const figure = (v: number) => v.toExponential(1);
const row = (name: string, d: Distance) => [
  name,
  String(d.positions),
  figure(d.kl.mean),
  figure(d.kl.median),
  figure(d.kl.p99),
  figure(d.kl.max),
  `${(100 * d.sameTop).toFixed(2)} %`,
  d.largestLogitDifference.toFixed(2),
  d.logLikelihood ? figure(d.logLikelihood.mean) : "–",
  d.entropy.toFixed(2),
];
if (args.json) console.log(JSON.stringify(measured));
else
  for (const { model, tokens, vocabulary, floor, distances } of measured.on) {
    const head = ["", "positions", "KL mean", "median", "99 %", "largest", "same top", "logit", "log-likelihood", "entropy"];
    const rows = [row("floor", floor), ...Object.entries(distances).map(([name, distance]) => row(name, distance))];
    const uniform = Math.log(vocabulary).toFixed(2);
    console.log(
      [`${model}, ${tokens}; knowing nothing would be ${uniform} nats of entropy`, ...table([head, ...rows], "lrrrrrrrrr"), ""].join("\n"),
    );
  }
if (args.write) {
  const file = new URL("../src/verify/measured-distances.ts", import.meta.url);
  const head = 'import type { MeasuredDistances } from "./measured.ts";\n\n// biome-ignore format: written by bench/numerics-distance.ts\n';
  writeFileSync(file, `${head}export const MEASURED: MeasuredDistances = ${JSON.stringify(measured, undefined, 2)};\n`);
}
