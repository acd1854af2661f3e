import { freemem, totalmem } from "node:os";
import type { Checkpoint } from "../checkpoint/index.ts";
import { type EngineOptions, INTERPRETERS } from "../engine/index.ts";
import { TandemError } from "../errors.ts";
import { auditTensors, supportedConfig } from "../models/index.ts";
import { NUMERICS } from "../ops/index.ts";
import { type Machine, type MemoryNeed, type NeedOptions, needWithin, smallestNeed } from "../plan/fit.ts";
import { type Args, badArgument } from "./args.ts";
import type { Options } from "./command.ts";
import { defined } from "./defined.ts";
import { parseSize } from "./size.ts";
import { bytes } from "./text.ts";

/** A conversation that memory is set aside for unless --context says otherwise; it may grow beyond, and then takes more. */
const PLANNED_CONTEXT = 16384;

/** Where a model is computed, and with how much. */
export const MEMORY_OPTIONS: Options = {
  memory: {
    type: "string",
    value: "SIZE",
    about: `memory to use: 6GiB, 800MB, … (default: what is free). Experts that do not fit are read from disk when needed; room is left for --context tokens, ${PLANNED_CONTEXT.toLocaleString("en-US")} if not given`,
  },
  threads: { type: "string", value: "N", about: "threads of the cpu interpreter (default: what suits machine and model)" },
  interpreter: { type: "string", value: "NAME", about: "cpu (default), or reference: slow, float64, what the other is tested against" },
};

/** Steps a command will run, where they are not those of a conversation. */
export type Steps = Partial<Pick<NeedOptions, "context" | "step" | "logits" | "kept" | "text">>;

/** The options above and those that memory depends on, as given. Error `cli/bad-argument`. */
export function memoryRequest(args: Args) {
  const interpreter = args.choice("interpreter", INTERPRETERS) ?? "cpu";
  const threads = args.integer("threads", 1);
  if (threads !== undefined && interpreter !== "cpu") throw badArgument("--threads goes with the cpu interpreter.");
  const size = args.text("memory");
  const budget = size === undefined ? undefined : parseSize(size, "--memory");
  return { interpreter, threads, budget, context: args.integer("context", 1), numerics: args.text("numerics") };
}

/**
 * How to load a model within the memory asked for: with how many of its experts. Errors: `plan/does-not-fit`, before any weight is read, if
 * not even the least works; `model/unsupported-architecture`.
 */
export async function withinMemory(
  checkpoint: Checkpoint,
  { interpreter, threads, budget, context: given, numerics: name = "official" }: ReturnType<typeof memoryRequest>,
  steps: Steps,
): Promise<Pick<EngineOptions, "interpreter" | "threads" | "expertBytes">> {
  const config = supportedConfig(checkpoint.config);
  const { weights } = auditTensors(config, checkpoint.tensors);
  const context = Math.min(steps.context ?? given ?? PLANNED_CONTEXT, config.maxPositions);
  const options = { ...steps, interpreter, context, ...defined({ threads, numerics: NUMERICS.get(name) }) };
  const machine = thisMachine();
  const limit = budget ?? machine.freeBytes;
  const need = (await needWithin(limit, config, weights, options)) ?? (await smallestNeed(config, weights, options));
  // What is free now may become more; what a machine has, or what was asked for, will not.
  if (need.totalBytes > (budget ?? machine.totalBytes)) throw doesNotFit(checkpoint.location, need, budget, machine);
  const { experts } = need;
  const expertBytes = experts && experts.inMemory < experts.all ? experts.inMemory * experts.slotBytes : undefined;
  return { interpreter, ...defined({ threads, expertBytes }) };
}

function doesNotFit(location: string, { items, totalBytes }: MemoryNeed, budget: number | undefined, machine: Machine): TandemError {
  return new TandemError("plan/does-not-fit", {
    location,
    needed: bytes(roundedUp(totalBytes)),
    neededBytes: totalBytes,
    items: items.map(({ what, bytes: n }) => `${bytes(n)} ${what}`).join("; "),
    limit: budget === undefined ? `this machine has ${bytes(machine.totalBytes)}` : `--memory allows ${bytes(budget)}`,
  });
}

/** To what `bytes` then shows, so that the budget a person reads is one that works. */
const roundedUp = (n: number): number => {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(n)) - 2);
  return Math.ceil(n / unit) * unit;
};

/** Memory of this machine, or of the container the process is locked into. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const totalBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  // Node before 20.13 does not know the container's part of it.
  return { totalBytes, freeBytes: Math.min(process.availableMemory?.() ?? freemem(), totalBytes) };
}
