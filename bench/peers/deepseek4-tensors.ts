/**
 * A V4 checkpoint's weights in the types of ggml that stand nearest to them, which are also those of llama.cpp's own converter:
 * FP4 experts as MXFP4 (the same numbers), block-scaled FP8 as Q8_0 (rounded again, 34 bytes for 32), BF16 matrices as they are,
 * vectors as F32, the hash table as I32. MTP blocks are left out.
 */
import { encodeArray } from "../../src/formats/index.ts";
import { parseV4Config, resolveWeight, v4Weights, type WeightGetter } from "../../src/models/index.ts";
import { readIndices, readWeight, rowsAndColumns, type StoredTensor, type WeightSource, weightBytes } from "../../src/tensor/index.ts";
import { ggufName } from "./deepseek4-names.ts";
import { encodeQ4, encodeQ8, mxfp4FromPacked } from "./ggml-blocks.ts";
import { type GgmlType, type GgufTensor, tensorBytes } from "./gguf.ts";

/** What routed experts become: Q4_0 is as wide, but its numbers differ. wllama has SIMD kernels for it and none for MXFP4. */
export type ExpertType = "MXFP4" | "Q4_0";

export interface Deepseek4Weights {
  readonly tensors: readonly GgufTensor[];
  /** Bytes of weights one decoded token reads: everything but the other rows of tables by token id and the experts not chosen. */
  readonly bytesPerToken: { readonly checkpoint: number; readonly gguf: number };
}

/** Nothing is read before a tensor's chunks are asked for. */
export function deepseek4Tensors(
  config: Readonly<Record<string, unknown>>,
  stored: ReadonlyMap<string, StoredTensor>,
  experts: ExpertType,
): Deepseek4Weights {
  const c = parseV4Config(config);
  const groups = new Map<string, WeightSource[]>();
  const get: WeightGetter<void> = (name, shape, storage, indexBelow) => {
    if (name.startsWith("mtp.")) return;
    const group = ggufName(name);
    groups.set(group, [...(groups.get(group) ?? []), resolveWeight(stored, name, shape, storage, c.weightBlock, indexBelow)]);
  };
  v4Weights(c, get);
  const bytesPerToken = { checkpoint: 0, gguf: 0 };
  const tensors = [...groups].map(([name, sources]): GgufTensor => {
    const type = ggmlType(sources[0]!, experts);
    const { shape } = sources[0]!;
    const routed = name.endsWith("_exps.weight");
    const tensor = { name, type, shape: routed ? [sources.length, ...shape] : shape, chunks: () => chunks(sources, type) };
    const share = shape[0] === c.vocabSize && name !== "output.weight" ? 1 / c.vocabSize : routed ? c.expertsPerToken / c.experts : 1;
    bytesPerToken.checkpoint += share * sources.reduce((sum, source) => sum + weightBytes(source), 0);
    bytesPerToken.gguf += share * tensorBytes(tensor);
    return tensor;
  });
  return { tensors, bytesPerToken };
}

function ggmlType({ format, quantised, shape }: WeightSource, experts: ExpertType): GgmlType {
  if (format === "I64" || format === "I32") return "I32";
  if (quantised) return format === "E2M1" ? experts : "Q8_0";
  return shape.length > 1 && format === "BF16" ? "BF16" : "F32";
}

async function* chunks(sources: readonly WeightSource[], type: GgmlType): AsyncIterable<Uint8Array> {
  for (const source of sources) {
    const { data, quantised } = source;
    if (type === "MXFP4") yield mxfp4FromPacked(await data.read(), await quantised!.scale.read());
    else if (type === "I32") yield new Uint8Array((await readIndices(source)).buffer);
    else if (type === "BF16") yield* ranges(source);
    else {
      const values = await readWeight(source);
      yield type === "Q8_0" ? encodeQ8(values) : type === "Q4_0" ? encodeQ4(values) : encodeArray("F32", values);
    }
  }
}

/** A tensor's own bytes, a few rows at a time: embeddings of large models do not fit a buffer. */
async function* ranges({ data, shape }: WeightSource): AsyncIterable<Uint8Array> {
  const [rows] = rowsAndColumns(shape);
  const step = (data.byteLength / rows) * Math.max(1, Math.floor((1 << 24) / (data.byteLength / rows)));
  for (let at = 0; at < data.byteLength; at += step) yield data.read(at, Math.min(step, data.byteLength - at));
}
