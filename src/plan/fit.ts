import { expectedTensors, type V4Config } from "../models/index.ts";
import { type Numerics, official } from "../ops/index.ts";
import type { WeightSource } from "../tensor/index.ts";
import { cpuNeed } from "./need-cpu.ts";
import { referenceNeed } from "./need-reference.ts";
import { officialWeights } from "./official-weights.ts";

export interface NeedOptions {
  readonly interpreter: "cpu" | "reference";
  readonly numerics: Numerics;
  /** Tokens of the one conversation. */
  readonly context: number;
  /** Tokens of a prefill step, and how many of them get logits; see the engine's session. */
  readonly step: number;
  readonly logits: number;
  /** With tokenizer and sampling. */
  readonly text: boolean;
  /** Positions whose logits stay until the end. */
  readonly kept: number;
  /** `cpu`; as for `Engine.load`. */
  readonly threads?: number;
  readonly expertBytes?: number;
}

export interface MemoryItem {
  readonly what: string;
  readonly bytes: number;
}

/** Routed experts in memory, of all. */
export interface ExpertPart {
  readonly all: number;
  readonly inMemory: number;
  /** Of those in memory together, and of room for any one. */
  readonly bytes: number;
  readonly slotBytes: number;
  /** Experts of the layer that has most: a step may use all of them at once. */
  readonly largestLayer: number;
}

/** Memory, itemised, before anything is loaded. */
export interface MemoryNeed extends Pick<NeedOptions, "interpreter" | "context"> {
  readonly items: readonly MemoryItem[];
  readonly totalBytes: number;
  /** `cpu`: how many routed experts it is computed for. */
  readonly experts?: ExpertPart;
}

/** A computer's memory, in bytes; `freeBytes` is what it could give now. */
export interface Machine {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

export type Fit = "fits" | "fits-when-freed" | "does-not-fit";

export function fitOn(machine: Machine, neededBytes: number): Fit {
  if (neededBytes <= machine.freeBytes) return "fits";
  return neededBytes <= machine.totalBytes ? "fits-when-freed" : "does-not-fit";
}

/**
 * Measured on Linux with Node 24, values not yet collected included: a process with a vocabulary of 640 peaks 150 MB above its weights and
 * values. With DeepSeek's 129,280 it is 50 MB more for logits alone, and 390 MB for a conversation: 145 MB of tokenizer, the rest arrays as
 * long as the vocabulary that tokens were sampled from. A thread takes 30 MB when run from source.
 */
const PROGRAM_BYTES = 160e6;
const LOGIT_BYTES = 400;
const TOKEN_BYTES = 3000;
const THREAD_BYTES = 30e6;

/** A session's steps, and official numerics. */
const USUAL = { interpreter: "cpu", numerics: official, step: 128, logits: 1, text: true, kept: 0 } as const;

/**
 * What an interpreter needs for one conversation of `context` tokens. `weights`: the sources of all weights of the architecture (see
 * `auditTensors`); those of a DSpark drafter are not loaded and not counted. Where some are absent, all are taken as DeepSeek stores them.
 */
export async function memoryNeed(
  config: V4Config,
  weights: readonly WeightSource[],
  given: Partial<NeedOptions> & Pick<NeedOptions, "context">,
): Promise<MemoryNeed> {
  const options: NeedOptions = { ...USUAL, ...given };
  const { interpreter, context } = options;
  const whole = weights.length < expectedTensors(config).length ? officialWeights(config) : weights;
  const { items, experts, threads } =
    interpreter === "cpu"
      ? await cpuNeed(config, whole, options)
      : { items: referenceNeed(config, whole, options), experts: undefined, threads: 0 };
  const program = PROGRAM_BYTES + (options.text ? TOKEN_BYTES : LOGIT_BYTES) * config.vocabSize + THREAD_BYTES * threads;
  const kept = 4 * config.vocabSize * options.kept;
  const all = [
    ...items,
    ...(kept > 0 ? [{ what: "logits that are kept", bytes: kept }] : []),
    { what: "the program itself and values not yet collected (estimate)", bytes: program },
  ];
  const totalBytes = all.reduce((sum, { bytes }) => sum + bytes, 0);
  return { interpreter, context, items: all, totalBytes, ...(experts && { experts }) };
}

/** The least that works: one layer's experts in memory, which is what a step may use at once, the others read when needed. */
export async function smallestNeed(...[config, weights, options]: Parameters<typeof memoryNeed>): Promise<MemoryNeed> {
  const { experts, ...whole } = await memoryNeed(config, weights, options);
  if (!experts || experts.largestLayer >= experts.all) return { ...whole, ...(experts && { experts }) };
  return memoryNeed(config, weights, { ...options, expertBytes: experts.largestLayer * experts.slotBytes });
}

/** The need that makes the most of a budget: all experts in memory, or as many as it leaves room for; undefined if not even the least fits. */
export async function needWithin(
  budget: number,
  ...[config, weights, options]: Parameters<typeof memoryNeed>
): Promise<MemoryNeed | undefined> {
  const whole = await memoryNeed(config, weights, options);
  if (whole.totalBytes <= budget) return whole;
  const need = await smallestNeed(config, weights, options);
  if (!need.experts || need.totalBytes > budget) return undefined;
  const { slotBytes, inMemory: least } = need.experts;
  // More experts may take another bank, which has a part of its own of everything else.
  for (let slots = least + Math.floor((budget - need.totalBytes) / slotBytes); slots > least; ) {
    const more = await memoryNeed(config, weights, { ...options, expertBytes: slots * slotBytes });
    if (more.totalBytes <= budget) return more;
    slots -= Math.ceil((more.totalBytes - budget) / slotBytes);
  }
  return need;
}
