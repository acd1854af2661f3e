/** Node side: everything `tandem bench` measures, in one run. */
import { Cpu } from "../backends/cpu/index.ts";
import { hasRelaxedSimd } from "../backends/cpu/kernels.ts";
import type { Checkpoint } from "../checkpoint/index.ts";
import { Model } from "../engine/model.ts";
import { TandemError } from "../errors.ts";
import { supportedConfig, type V4Config } from "../models/index.ts";
import { NUMERICS } from "../ops/index.ts";
import { measureKernels } from "./kernels.ts";
import { machineFacts } from "./machine-node.ts";
import { type Hooks, type ModelEffort, ModelRun } from "./model-run.ts";
import { Probe } from "./probe-crew-node.ts";
import { measureRead, readNow } from "./read.ts";
import type { BenchReport, ModelFacts } from "./report.ts";
import { heldBytes, weightBytesPerToken } from "./touched.ts";

export interface BenchOptions {
  /** Default `official`. */
  readonly numerics?: string;
  /** Of the interpreter and of the read measurements. Default: the interpreter's own choice, and all the machine has. */
  readonly threads?: number;
  /** Context lengths at which decoding is measured. Default 1024, 4096, 32768. */
  readonly contexts?: readonly number[];
  /** Prompt lengths. Default 512. */
  readonly prefill?: readonly number[];
  /** Fewer rounds, less memory read, and no context that takes long to reach. */
  readonly quick?: boolean;
  /** Also traces decode steps. */
  readonly profile?: boolean;
  /** Ends the run with `bench/aborted`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: Hooks["onProgress"];
}

interface Effort extends ModelEffort {
  /** Read again and again: more than the last-level cache of any processor but a few, little enough for a machine of 4 GB. */
  readonly probeBytes: number;
  readonly rounds: number;
}
const THOROUGH: Effort = { probeBytes: 2 ** 30, rounds: 9, prefillRounds: 3, patienceMs: 300_000 };
const QUICK: Effort = { probeBytes: 2 ** 28, rounds: 5, prefillRounds: 1, patienceMs: 10_000 };

/** Errors: those of loading, `engine/bad-option`, `engine/out-of-memory`, `bench/aborted`. */
export async function bench(checkpoint: Checkpoint, options: BenchOptions = {}): Promise<BenchReport> {
  const { numerics: name = "official", quick = false, signal, onProgress = () => {} } = options;
  const effort = quick ? QUICK : THOROUGH;
  const numerics = NUMERICS.get(name);
  if (!numerics)
    throw new TandemError("engine/bad-option", { option: "numerics", value: name, expected: [...NUMERICS.keys()].join(" or ") });
  const check = () => {
    if (signal?.aborted) throw new TandemError("bench/aborted");
  };
  const machine = machineFacts();
  const config = supportedConfig(checkpoint.config);
  const weightBytes = weightBytesPerToken(config, checkpoint, numerics);
  const cpu = new Cpu(numerics, options.threads === undefined ? {} : { threads: options.threads });
  const probe = await Probe.start(options.threads ?? Math.min(16, machine.cores), effort.probeBytes);
  try {
    onProgress("reading memory", 0, 1);
    const read = await measureRead(probe, effort.rounds, check);
    const kernels = await measureKernels(probe, effort.rounds, (done, total) => {
      check();
      onProgress("running kernels", done, total);
    });
    const model = await Model.load(checkpoint, cpu, (done, total) => {
      check();
      onProgress("loading", done, total);
    });
    const run = new ModelRun(model, cpu, effort, { check, onProgress, read: () => readNow(probe) });
    for (const tokens of options.prefill ?? [512]) await run.prefillOf(tokens);
    const contexts = (options.contexts ?? [1024, 4096, 32768]).toSorted((a, b) => a - b);
    for (const [i, context] of contexts.entries()) {
      await run.decodeAt(context, weightBytes);
      if (options.profile && i === 0) await run.profileStep();
    }
    const { weights, arena, memory: shared } = cpu.counts;
    const peak = 1024 * process.resourceUsage().maxRSS - probe.memory.buffer.byteLength;
    return {
      ...{ machine, model: factsOf(config), numerics: name, threads: cpu.threads },
      ...{ kernelVariant: hasRelaxedSimd() ? "relaxed" : "plain", read, kernels },
      ...{ prefill: run.prefill, decode: run.decode, skipped: run.skipped },
      memory: { weights, arena, cache: heldBytes(run.state), cacheContext: run.state.length, shared, peak },
      ...(run.profile && { profile: run.profile }),
    };
  } finally {
    await Promise.all([probe.close(), cpu.close()]);
  }
}

const factsOf = (c: V4Config): ModelFacts => ({
  ...{ layers: c.layers, hidden: c.hidden, heads: c.heads, headDim: c.headDim, experts: c.experts, expertsPerToken: c.expertsPerToken },
  ...{ vocabulary: c.vocabSize, maxContext: c.maxPositions },
});
