import type { Checkpoint } from "../checkpoint/index.ts";
import { dialectOf } from "../engine/text-side.ts";
import { TandemError } from "../errors.ts";
import { auditTensors, modelType, supportedConfig, type TensorAudit, type V4Config } from "../models/index.ts";
import { type DetectedDialect, loadTokenizer } from "../text/index.ts";
import { type Fit, fitOn, type Machine, type MemoryNeed, memoryNeed, smallestNeed } from "./fit.ts";
import { type NumericsFacts, numericsFacts } from "./inspect-numerics.ts";
import { countTensors, type TensorCount } from "./inspect-tensors.ts";

/** How many examples of a defect are listed; the count is always whole. */
const EXAMPLES = 5;

export interface Findings<T> {
  readonly count: number;
  readonly first: readonly T[];
}

/** All that can be said of a checkpoint without reading a weight. Plain data. */
export interface Inspection {
  readonly location: string;
  /** Some of the announced data is not there; nothing below depends on it. */
  readonly headersOnly: boolean;
  readonly architecture: {
    readonly type: string;
    readonly supported: boolean;
    /** Why Tandem does not run it. */
    readonly reason?: string;
  };
  readonly revision: Revision;
  readonly layers?: Layers;
  readonly tensors: Omit<TensorCount, "parameters">;
  readonly parameters: number;
  readonly files: {
    readonly count: number;
    /** Headers included. */
    readonly bytes: number;
    /** Shards the index names that are not there. */
    readonly missing: readonly string[];
    /** What the index says all tensors take; never relied on. */
    readonly declaredTensorBytes?: number;
  };
  /** Weights of the architecture that are absent or have the wrong type or shape. */
  readonly missing?: Findings<{ readonly name: string; readonly code: string; readonly message: string }>;
  readonly unexpected?: Findings<string>;
  readonly numerics?: NumericsFacts;
  /** On the CPU interpreter, all in memory; `smallest`: with as many experts as possible left in the files. */
  readonly memory?: FittedNeed & { readonly machine: Machine; readonly smallest: FittedNeed };
}

export interface FittedNeed extends MemoryNeed {
  readonly fit: Fit;
}

/** What tells one revision from another; every fixture, drafter and template belongs to one. */
export interface Revision {
  /** `mtp` is the preview layout, `dspark` that of the DSpark re-releases, 0731 and 0813. */
  readonly drafter?: "mtp" | "dspark" | "none";
  /** How the routed experts really lie in the files, and what config.json says. */
  readonly expertStorage?: string;
  readonly declaredExpertDtype?: string;
  /** Rows × columns that share one FP8 scale. */
  readonly weightBlock?: readonly number[];
  readonly scaleFormat?: string;
  readonly dialect?: DetectedDialect;
  /** Why the dialect is not known. */
  readonly dialectUnknown?: string;
}

export interface Layers {
  readonly total: number;
  readonly slidingWindow: number;
  readonly csa: number;
  readonly hca: number;
  readonly hashRouted: number;
  readonly scoreRouted: number;
  /** Blocks of the drafter, beyond `total`. */
  readonly drafter: number;
  readonly experts: number;
  readonly expertsPerToken: number;
  readonly maxContext: number;
}

export interface InspectOptions {
  readonly headersOnly: boolean;
  /** Tokens for the memory need; default: what the model was made for. */
  readonly context?: number;
  readonly machine: Machine;
}

/** Errors: `engine/bad-option` for a context the model does not have. An architecture Tandem does not run is a finding, not an error. */
export async function inspect(checkpoint: Checkpoint, options: InspectOptions): Promise<Inspection> {
  const known = architectureOf(checkpoint);
  const { parameters, ...tensors } = countTensors(checkpoint.tensors);
  const { totalSize, files } = checkpoint;
  return {
    location: checkpoint.location,
    headersOnly: options.headersOnly,
    architecture: known.architecture,
    revision: await revisionOf(checkpoint, known.config, known.audit),
    ...(known.config && { layers: layersOf(known.config) }),
    tensors,
    parameters,
    files: {
      count: files.length,
      missing: checkpoint.missingFiles,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      ...(totalSize !== undefined && { declaredTensorBytes: totalSize }),
    },
    ...(known.audit && { missing: findings(known.audit.problems), unexpected: findings(known.audit.unexpected) }),
    ...(known.config && { numerics: numericsFacts() }),
    ...(known.config && { memory: await memoryOf(known.config, known.audit, options) }),
  };
}

type Known =
  | { readonly architecture: Inspection["architecture"]; readonly config: V4Config; readonly audit: TensorAudit }
  | { readonly architecture: Inspection["architecture"]; readonly config?: undefined; readonly audit?: undefined };

function architectureOf({ config, tensors }: Checkpoint): Known {
  const type = modelType(config);
  try {
    const known = supportedConfig(config);
    return { architecture: { type, supported: true }, config: known, audit: auditTensors(known, tensors) };
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    return { architecture: { type, supported: false, reason: error.message } };
  }
}

async function revisionOf(checkpoint: Checkpoint, config: V4Config | undefined, audit: TensorAudit | undefined): Promise<Revision> {
  const { expert_dtype: declared, quantization_config: quantization } = checkpoint.config;
  const scaleFormat = (quantization as Record<string, unknown> | null | undefined)?.scale_fmt;
  const expert = audit?.weights.find(({ name }) => name.endsWith(".ffn.experts.0.w1.weight"));
  return {
    ...(config && { drafter: config.dspark ? "dspark" : config.mtpBlocks > 0 ? "mtp" : "none" }),
    ...(expert && { expertStorage: expert.quantised ? `${expert.format} with ${expert.quantised.block.scale} scales` : expert.format }),
    ...(typeof declared === "string" && { declaredExpertDtype: declared }),
    ...(config && quantization !== undefined && { weightBlock: config.weightBlock }),
    ...(typeof scaleFormat === "string" && { scaleFormat }),
    ...(await dialectFacts(checkpoint)),
  };
}

/** An unknown dialect or a broken tokenizer is worth telling, but no reason to withhold the rest. */
async function dialectFacts(checkpoint: Checkpoint): Promise<Pick<Revision, "dialect" | "dialectUnknown">> {
  try {
    const tokenizer = await checkpoint.sideFile("tokenizer.json");
    return { dialect: await dialectOf(checkpoint, tokenizer && loadTokenizer(tokenizer)) };
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    return { dialectUnknown: error.message };
  }
}

function layersOf(c: V4Config): Layers {
  const count = (ratio: number) => c.ratios.slice(0, c.layers).filter((r) => r === ratio).length;
  return {
    total: c.layers,
    slidingWindow: count(0),
    csa: count(4),
    hca: count(128),
    hashRouted: c.hashLayers,
    scoreRouted: c.layers - c.hashLayers,
    drafter: c.dspark?.stages ?? c.mtpBlocks,
    experts: c.experts,
    expertsPerToken: c.expertsPerToken,
    maxContext: c.maxPositions,
  };
}

async function memoryOf(
  config: V4Config,
  audit: TensorAudit,
  { context = config.maxPositions, machine }: InspectOptions,
): Promise<NonNullable<Inspection["memory"]>> {
  checkContext(config, context);
  const fitted = (need: MemoryNeed): FittedNeed => ({ ...need, fit: fitOn(machine, need.totalBytes) });
  const need = await memoryNeed(config, audit.weights, { context });
  return { ...fitted(need), machine, smallest: fitted(await smallestNeed(config, audit.weights, { context })) };
}

/** Error `engine/bad-option`, as loading with such a context would give. */
export function checkContext(config: V4Config, context: number): void {
  if (!(Number.isInteger(context) && context >= 1 && context <= config.maxPositions))
    throw new TandemError("engine/bad-option", { option: "context", value: context, expected: `1 to ${config.maxPositions}` });
}

const findings = <T>(all: readonly T[]): Findings<T> => ({ count: all.length, first: all.slice(0, EXAMPLES) });
