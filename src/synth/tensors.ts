import type { TensorSpec } from "../checkpoint/index.ts";
import { type ExpectedTensor, expectedTensors, supportedConfig, type V4Config } from "../models/index.ts";
import { elements, type StoredTensor } from "../tensor/index.ts";
import { bfloat16, type Draw, distinctIndices, FP4, float32, fp8, scales } from "./draws.ts";
import { officialLayout } from "./official-layout.ts";
import { fillWords, streamKey } from "./words.ts";

/** A tensor that is made when it is read. */
export interface SyntheticTensor extends StoredTensor {
  /** Fills `out` with the tensor's bytes from `at` on. */
  fill(out: Uint8Array, at: number): void;
}

/**
 * Every tensor of a random checkpoint of this configuration in the official layout, in the order of the model's own walk. The same
 * seed (a whole number from 0 to 2^53 - 1) gives the same bytes everywhere. Errors as `supportedConfig`.
 */
export function syntheticTensors(json: Readonly<Record<string, unknown>>, seed: number): SyntheticTensor[] {
  const config = supportedConfig(json);
  return expectedTensors(config).flatMap((expected) => {
    const [tensor, scale] = officialLayout(expected, config.weightBlock);
    if (!scale) return [made(tensor, plainDraw(expected, config), seed)];
    const codes = expected.storage === "fp4" ? FP4 : fp8();
    return [made(tensor, codes, seed), made(scale, scales(deviation(expected) / codes.rms), seed)];
  });
}

function plainDraw(expected: ExpectedTensor, config: V4Config): Draw {
  const { name, shape, storage } = expected;
  if (storage === "i64") return distinctIndices(shape[1], config.experts);
  const [, mean, spread] = VECTORS.find(([pattern]) => pattern.test(name)) ?? [undefined, 0, deviation(expected)];
  return (storage === "bf16" ? bfloat16 : float32)(mean, spread);
}

/**
 * Tensors that are no linear map: mean and standard deviation, near those of a trained model of this architecture (Minnow), so that
 * activations keep their size through all layers. Selection biases are small: the scores of 6 among many experts lie close together.
 */
const VECTORS: readonly (readonly [RegExp, number, number])[] = [
  [/norm\.weight$/, 1, 0.08],
  [/^embed\.weight$/, 0, 0.5],
  [/hc_head_base$/, 0, 0.25],
  [/hc_\w+_base$/, 0, 1.2],
  [/hc_\w+_scale$/, 0.4, 0.1],
  [/attn_sink$/, 0, 0.2],
  [/\.ape$/, 0, 0.15],
  [/gate\.bias$/, 0, 0.02],
];

/**
 * Gains of linear maps other than 1. The head's makes next tokens neither certain nor equally likely. What attention adds is an
 * average and so much the same for all tokens: at a gain of 1 it draws them to the same experts, and some experts see none.
 */
const GAINS: readonly (readonly [RegExp, number])[] = [
  [/^head\.weight$/, 3],
  [/wo_b\.weight$/, 0.5],
  [/hc_\w+_fn$/, 2],
];

/** Gain / √inputs: inputs of unit size, which all are after their norm, give outputs of the size of the gain. */
function deviation({ name, shape }: ExpectedTensor): number {
  const gain = GAINS.find(([pattern]) => pattern.test(name))?.[1] ?? 1;
  return gain / Math.sqrt(shape[1]);
}

const BYTES: Partial<Record<string, number>> = { I64: 8, F32: 4, BF16: 2 };

/** Words made at a time: what they take, 128 kB and about as much again for their bytes, stays in a core's own cache. */
const WORDS = 2 ** 15;
const words = new Uint32Array(WORDS);
/** A word becomes at most 8 bytes, of an index. */
const scratch = new ArrayBuffer(8 * WORDS);

function made(spec: TensorSpec, { unit, fill }: Draw, seed: number): SyntheticTensor {
  const key = streamKey(seed, spec.name);
  const most = Math.floor(WORDS / unit.words);
  const byteLength = elements(spec.shape) * (BYTES[spec.type] ?? 1);
  const fillFrom = (out: Uint8Array, at: number) => {
    for (let done = 0; done < out.length; ) {
      const first = Math.floor((at + done) / unit.bytes);
      const skipped = at + done - first * unit.bytes;
      const units = Math.min(Math.ceil((out.length - done + skipped) / unit.bytes), most);
      const some = words.subarray(0, units * unit.words);
      fillWords(some, key, first * unit.words);
      fill(some, scratch);
      const length = Math.min(units * unit.bytes - skipped, out.length - done);
      out.set(new Uint8Array(scratch, skipped, length), done);
      done += length;
    }
  };
  return {
    ...spec,
    byteLength,
    fill: fillFrom,
    async read(offset = 0, length = byteLength - offset) {
      const bytes = new Uint8Array(length);
      fillFrom(bytes, offset);
      return bytes;
    },
    readInto: async (target, offset) => fillFrom(target, offset),
  };
}
