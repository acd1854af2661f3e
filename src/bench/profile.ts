import type { Cpu } from "../backends/cpu/index.ts";
import { Trace } from "../backends/cpu/trace.ts";
import type { Model } from "../engine/model.ts";
import type { SequenceState } from "../models/index.ts";
import { median } from "./median.ts";
import type { Random } from "./random-tokens.ts";
import type { CommandProfile, StepProfile } from "./report.ts";

/** Traced steps; as many untraced ones stand between them. */
const TRACED = 64;

interface Step {
  readonly total: number;
  /** Until the model's code had said all it wants computed. */
  readonly recorded: number;
  readonly trace: Trace;
}

/** Decodes on a copy of `state`, every other step traced. */
export async function profileDecode(model: Model, cpu: Cpu, state: SequenceState, random: Random, check: () => void): Promise<StepProfile> {
  const copy = model.clone(state);
  const traced: Step[] = [];
  const untraced: number[] = [];
  const into = new Float32Array(model.config.vocabSize);
  try {
    for (let i = 0; i < 2 * TRACED; i++) {
      check();
      const trace = i % 2 === 1 ? new Trace() : undefined;
      cpu.trace(trace);
      const start = performance.now();
      const step = model.step([{ state: copy, tokens: random.tokens(1), logitsAt: [0], into }]);
      const recorded = performance.now() - start;
      await step;
      const total = performance.now() - start;
      if (trace) traced.push({ total, recorded, trace });
      else untraced.push(total);
    }
  } finally {
    cpu.trace(undefined);
  }
  const context = copy.length;
  model.free(copy);
  // The fastest quarter: where others use the machine too, the rest tells more of them.
  const steps = traced.toSorted((a, b) => a.total - b.total).slice(0, TRACED / 4);
  const mean = (of: (step: Step) => number) => steps.reduce((sum, step) => sum + of(step), 0) / steps.length;
  const total = mean((s) => s.total);
  const known = [
    { name: "record", ms: mean((s) => s.recorded) },
    { name: "plan", ms: mean((s) => s.trace.planned) },
    { name: "write constants", ms: mean((s) => s.trace.wrote) },
    { name: "start threads", ms: mean((s) => s.trace.started) },
    { name: "run", ms: mean((s) => s.trace.ran) },
    { name: "report", ms: mean((s) => s.trace.reported) },
  ];
  const rest = total - known.reduce((sum, { ms }) => sum + ms, 0);
  const commands = sums(steps.map(({ trace }) => trace)).sort((a, b) => b.longest - a.longest);
  return { context, total, untraced: median(untraced), parts: [...known, { name: "read", ms: rest }], commands };
}

/** The commands of several steps, averaged over the steps. */
function sums(traces: readonly Trace[]): CommandProfile[] {
  const keys = new Set(traces.flatMap(({ commands }) => [...commands.keys()]));
  return [...keys].map((key) => {
    const times = traces.flatMap(({ commands }) => commands.get(key) ?? []);
    const mean = (of: "count" | "longest" | "worked" | "waited") => times.reduce((sum, t) => sum + t[of], 0) / traces.length;
    const { name, detail } = times[0]!;
    return { name, detail, count: mean("count"), longest: mean("longest"), worked: mean("worked"), waited: mean("waited") };
  });
}
