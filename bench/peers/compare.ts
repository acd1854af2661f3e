/**
 * Tandem beside other engines on one checkpoint, in alternation: every round runs each engine once, in a process of its own; the table
 * shows medians over the rounds, and how many times as fast the first engine named is.
 *
 *     node bench/peers/compare.ts CHECKPOINT --peers FOLDER [--engines tandem,llama.cpp,wllama,wllama-q4,ort-web] [--threads 2]
 *         [--contexts 512] [--decode 32] [--repeats 3] [--work DIR] [--python PATH] [--chromium PATH] [--llama-bench PATH] [--json]
 *
 * Converted models stay in DIR (default FOLDER/work/NAME-OF-CHECKPOINT). README.md says what differs between the engines.
 */
import { cpus } from "node:os";
import { basename, join, resolve } from "node:path";
import { type EngineName, engine, NAMES } from "./engines.ts";
import { table } from "./table.ts";
import { medianRates, type Rates, readArguments } from "./workload.ts";

const { target, peers, workload, values } = readArguments("compare.ts CHECKPOINT --peers FOLDER [options]", {
  engines: { type: "string", default: "tandem,llama.cpp,wllama,wllama-q4,ort-web" },
  work: { type: "string", default: "" },
  python: { type: "string", default: "python3" },
  chromium: { type: "string", default: "chromium" },
  "llama-bench": { type: "string", default: "llama-bench" },
  json: { type: "boolean", default: false },
});
const names = values.engines.split(",") as EngineName[];
for (const name of names) if (!NAMES.includes(name)) throw new Error(`no engine ${name}; there are ${NAMES.join(", ")}`);
const checkpoint = resolve(target);
const { python, chromium, "llama-bench": llamaBench } = values;
const work = resolve(values.work || join(peers, "work", basename(checkpoint)));
const setting = { checkpoint, peers: resolve(peers), work, workload, python, chromium, llamaBench };

const runs = names.map((name) => ({ engine: engine(name, setting), answers: [] as Rates[], failure: "" }));
/** An engine that cannot run says so in the table; the others go on. */
const attempt = async (run: (typeof runs)[number], what: () => Promise<void>): Promise<void> => {
  if (run.failure === "")
    await what().catch((error: Error) => {
      run.failure = error.message;
    });
};
for (const run of runs) await attempt(run, () => run.engine.prepare());
for (let round = 0; round < workload.repeats; round++)
  for (const run of runs) await attempt(run, async () => void run.answers.push(await run.engine.rates()));

const results = runs.map(({ engine: { name, note }, answers, failure }) => {
  const rates = failure === "" ? medianRates(answers) : undefined;
  return { name, note: failure === "" ? [rates?.version, note].filter(Boolean).join("; ") : `failed: ${failure}`, rates };
});
const cpu = cpus()[0]?.model;
if (values.json) console.log(JSON.stringify({ checkpoint, cpu, ...workload, results }, undefined, 2));
else {
  console.log(`${checkpoint}: tokens per second, ${workload.threads} threads of ${cpu}, medians of ${workload.repeats}`);
  const title = ["engine", ...workload.contexts.flatMap((n) => [`prefill ${n}`, "ratio", `decode at ${n}`, "ratio"]), ""];
  console.log(
    table([title, ...results.map(({ name, note, rates }) => [name, ...workload.contexts.flatMap((n) => cells(rates, n)), note])]),
  );
}

/** Prefill and decode at one context, each followed by the first engine's rate over it. */
function cells(rates: Rates | undefined, context: number): string[] {
  const pick = [
    (r: Rates | undefined) => r?.prefill.find(({ tokens }) => tokens === context)?.tokensPerSecond,
    (r: Rates | undefined) => r?.decode.find((d) => d.context === context)?.tokensPerSecond,
  ];
  return pick.flatMap((of) => {
    const [own, first] = [of(rates), of(results[0]!.rates)];
    return [own?.toFixed(1) ?? "–", own && first ? (first / own).toFixed(2) : "–"];
  });
}
