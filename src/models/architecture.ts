import { TandemError } from "../errors.ts";
import type { StoredTensor, WeightSource } from "../tensor/index.ts";
import { parseV4Config, type V4Config } from "./deepseek-v4-config.ts";
import { dsparkWeights, v4Weights } from "./deepseek-v4-weights.ts";
import { type OfficialStorage, resolveWeight, SCALE_NAMES } from "./weights.ts";

/** A tensor the architecture expects, by logical shape and official storage. */
export interface ExpectedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly storage: OfficialStorage;
}

/** The model type a config.json declares, whether or not Tandem runs it. */
export function modelType(config: Readonly<Record<string, unknown>>): string {
  const architectures = config.architectures;
  if (typeof config.model_type === "string") return config.model_type;
  return Array.isArray(architectures) && typeof architectures[0] === "string" ? architectures[0] : "(none declared)";
}

/** Config of a checkpoint whose architecture Tandem runs; others are an error naming them. */
export function supportedConfig(config: Readonly<Record<string, unknown>>): V4Config {
  const type = modelType(config);
  if (type !== "deepseek_v4" && type !== "DeepseekV4ForCausalLM")
    throw new TandemError("model/unsupported-architecture", { architecture: type });
  return parseV4Config(config);
}

/** Every tensor the architecture reads or its drafter would, without companion scales. */
export function expectedTensors(config: V4Config): ExpectedTensor[] {
  const expected: ExpectedTensor[] = [];
  const note = (name: string, shape: readonly number[], storage: OfficialStorage) => expected.push({ name, shape, storage });
  v4Weights(config, note);
  dsparkWeights(config, note);
  return expected;
}

/** What a checkpoint's tensors are to an architecture. */
export interface TensorAudit {
  readonly weights: readonly WeightSource[];
  /** One error message per weight that is absent or of the wrong type or shape. */
  readonly problems: readonly { readonly name: string; readonly code: string; readonly message: string }[];
  readonly unexpected: readonly string[];
}

/** Holds a checkpoint's tensors against what its architecture expects. */
export function auditTensors(config: V4Config, tensors: ReadonlyMap<string, StoredTensor>): TensorAudit {
  const weights: WeightSource[] = [];
  const problems: { name: string; code: string; message: string }[] = [];
  const known = new Set<string>();
  for (const { name, shape, storage } of expectedTensors(config)) {
    known.add(name);
    for (const scaleOf of SCALE_NAMES) known.add(scaleOf(name));
    try {
      weights.push(resolveWeight(tensors, name, shape, storage, config.weightBlock));
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      problems.push({ name, code: error.code, message: error.message });
    }
  }
  return { weights, problems, unexpected: [...tensors.keys()].filter((name) => !known.has(name)) };
}
