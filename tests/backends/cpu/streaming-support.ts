import { Cpu, type CpuOptions } from "../../../src/backends/cpu/index.ts";
import type { Checkpoint } from "../../../src/checkpoint/index.ts";
import { openCheckpoint } from "../../../src/checkpoint/node.ts";
import { Model } from "../../../src/engine/model.ts";
import { NUMERICS } from "../../../src/ops/index.ts";

export const MINNOW = new URL("../../../models/minnow", import.meta.url).pathname;
export const minnow = (): Promise<Checkpoint> => openCheckpoint(MINNOW);

/** A model on the CPU interpreter, with what tests need of both. */
export interface Loaded {
  readonly ops: Cpu;
  readonly model: Model;
}

export async function load(checkpoint: Checkpoint, numerics: string, options: CpuOptions): Promise<Loaded> {
  const ops = new Cpu(NUMERICS.get(numerics)!, options);
  return { ops, model: await Model.load(checkpoint, ops) };
}

export const someTokens = (model: Model, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (7 * i * i + 3 * i + 1) % model.config.vocabSize);

/** Logits, as bits, at the end of each chunk of a prompt and at each token decoded after it. */
export async function trace({ model }: Loaded, prompt = 90, chunk = 32, decoded = 6): Promise<Uint32Array[]> {
  const tokens = someTokens(model, prompt + decoded);
  const state = model.newSequence();
  const seen: Uint32Array[] = [];
  for (let at = 0; at < tokens.length; ) {
    const end = at < prompt ? Math.min(at + chunk, prompt) : at + 1;
    const [[logits]] = (await model.step([{ state, tokens: tokens.slice(at, end), logitsAt: [end - at - 1] }])) as [[Float32Array]];
    seen.push(new Uint32Array(logits.slice().buffer));
    at = end;
  }
  model.free(state);
  return seen;
}

/** The same checkpoint whose tensors are read as `how` says, which may wait or fail before it calls `read`. */
export function readThrough(checkpoint: Checkpoint, how: (name: string, read: () => Promise<void>) => Promise<void>): Checkpoint {
  const tensors = new Map(
    [...checkpoint.tensors].map(([name, tensor]) => [
      name,
      {
        ...{ name, type: tensor.type, shape: tensor.shape, byteLength: tensor.byteLength },
        read: (offset?: number, length?: number) => tensor.read(offset, length),
        readInto: (target: Uint8Array, offset: number) => how(name, async () => target.set(await tensor.read(offset, target.length))),
      },
    ]),
  );
  return { ...checkpoint, tensors };
}
