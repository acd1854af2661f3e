import type { Weight } from "../ops/index.ts";
import type { V4Config } from "./deepseek-v4-config.ts";
import type { WeightGetter } from "./weights.ts";

/**
 * The tensors of a DeepSeek-V4 checkpoint under their on-disk names. Source: v4-architecture section 4.1.
 * `W` is a loaded weight for running, a record of name and shape for listing.
 */

/** Coefficients of one hyper-connection site (or of the output head). */
export interface HyperWeights<W = Weight> {
  readonly fn: W;
  readonly base: W;
  readonly scale: W;
}

export interface CompressorWeights<W = Weight> {
  readonly wkv: W;
  readonly wgate: W;
  /** Learned score offset per position inside the window. */
  readonly ape: W;
  readonly norm: W;
}

export interface IndexerWeights<W = Weight> {
  readonly wq_b: W;
  readonly weights_proj: W;
  readonly compressor: CompressorWeights<W>;
}

export interface AttentionWeights<W = Weight> {
  readonly sink: W;
  readonly wq_a: W;
  readonly q_norm: W;
  readonly wq_b: W;
  readonly wkv: W;
  readonly kv_norm: W;
  readonly wo_a: W;
  readonly wo_b: W;
  readonly compressor?: CompressorWeights<W>;
  readonly indexer?: IndexerWeights<W>;
}

export interface ExpertTriple<W = Weight> {
  readonly w1: W;
  readonly w2: W;
  readonly w3: W;
}

export interface MoeWeights<W = Weight> {
  readonly gate: W;
  /** Score-routed layers: selection bias. */
  readonly bias?: W;
  /** Hash-routed layers: expert ids by token id. */
  readonly tid2eid?: W;
  readonly experts: readonly ExpertTriple<W>[];
  readonly shared?: ExpertTriple<W>;
}

export interface BlockWeights<W = Weight> {
  readonly attnHyper: HyperWeights<W>;
  readonly ffnHyper: HyperWeights<W>;
  readonly attnNorm: W;
  readonly ffnNorm: W;
  readonly attn: AttentionWeights<W>;
  readonly ffn: MoeWeights<W>;
}

export interface OutputWeights<W = Weight> {
  readonly hyper: HyperWeights<W>;
  readonly norm: W;
}

export interface MtpWeights<W = Weight> {
  readonly enorm: W;
  readonly hnorm: W;
  readonly eProj: W;
  readonly hProj: W;
  readonly block: BlockWeights<W>;
  readonly output: OutputWeights<W>;
}

export interface V4Weights<W = Weight> {
  readonly embed: W;
  readonly layers: readonly BlockWeights<W>[];
  readonly output: OutputWeights<W>;
  readonly head: W;
  readonly mtp: readonly MtpWeights<W>[];
}

/** Everything the forward pass and the MTP blocks read. */
export function v4Weights<W>(c: V4Config, get: WeightGetter<W>): V4Weights<W> {
  const embed = get("embed.weight", [c.vocabSize, c.hidden], "bf16");
  return {
    embed,
    layers: Array.from({ length: c.layers }, (_, l) => blockWeights(c, get, `layers.${l}`, c.ratios[l]!, l < c.hashLayers)),
    output: outputWeights(c, get, ""),
    head: c.tiedEmbeddings ? embed : get("head.weight", [c.vocabSize, c.hidden], "bf16"),
    mtp: Array.from({ length: c.mtpBlocks }, (_, i) => mtpWeights(c, get, `mtp.${i}`)),
  };
}

/** Tensors of the DSpark drafter, which the forward pass does not read. Source: section 6. */
export function dsparkWeights<W>(c: V4Config, get: WeightGetter<W>): W[] {
  const all: W[] = [];
  const note: WeightGetter<W> = (...request) => {
    const weight = get(...request);
    all.push(weight);
    return weight;
  };
  if (!c.dspark) return all;
  const { stages, rank, targets } = c.dspark;
  for (let i = 0; i < stages; i++) blockWeights(c, note, `mtp.${i}`, 0, false);
  note("mtp.0.main_proj.weight", [c.hidden, targets * c.hidden], "fp8");
  note("mtp.0.main_norm.weight", [c.hidden], "bf16");
  const last = `mtp.${stages - 1}`;
  outputWeights(c, note, `${last}.`);
  note(`${last}.markov_head.markov_w1.weight`, [c.vocabSize, rank], "bf16");
  note(`${last}.markov_head.markov_w2.weight`, [c.vocabSize, rank], "bf16");
  note(`${last}.confidence_head.proj.weight`, [1, c.hidden + rank], "bf16");
  return all;
}

function hyperWeights<W>(c: V4Config, get: WeightGetter<W>, prefix: string, outputs: number, scales: number): HyperWeights<W> {
  return {
    fn: get(`${prefix}_fn`, [outputs, c.streams * c.hidden], "f32"),
    base: get(`${prefix}_base`, [outputs], "f32"),
    scale: get(`${prefix}_scale`, [scales], "f32"),
  };
}

function outputWeights<W>(c: V4Config, get: WeightGetter<W>, prefix: string): OutputWeights<W> {
  return { hyper: hyperWeights(c, get, `${prefix}hc_head`, c.streams, 1), norm: get(`${prefix}norm.weight`, [c.hidden], "bf16") };
}

function blockWeights<W>(c: V4Config, get: WeightGetter<W>, prefix: string, ratio: number, hashed: boolean): BlockWeights<W> {
  const coefficients = 2 * c.streams + c.streams ** 2;
  return {
    attnHyper: hyperWeights(c, get, `${prefix}.hc_attn`, coefficients, 3),
    ffnHyper: hyperWeights(c, get, `${prefix}.hc_ffn`, coefficients, 3),
    attnNorm: get(`${prefix}.attn_norm.weight`, [c.hidden], "bf16"),
    ffnNorm: get(`${prefix}.ffn_norm.weight`, [c.hidden], "bf16"),
    attn: attentionWeights(c, get, `${prefix}.attn`, ratio),
    ffn: moeWeights(c, get, `${prefix}.ffn`, hashed),
  };
}

function attentionWeights<W>(c: V4Config, get: WeightGetter<W>, prefix: string, ratio: number): AttentionWeights<W> {
  const perGroup = (c.heads * c.headDim) / c.outputGroups;
  const outputs = c.outputGroups * c.outputRank;
  return {
    sink: get(`${prefix}.attn_sink`, [c.heads], "f32"),
    wq_a: get(`${prefix}.wq_a.weight`, [c.qRank, c.hidden], "fp8"),
    q_norm: get(`${prefix}.q_norm.weight`, [c.qRank], "bf16"),
    wq_b: get(`${prefix}.wq_b.weight`, [c.heads * c.headDim, c.qRank], "fp8"),
    wkv: get(`${prefix}.wkv.weight`, [c.headDim, c.hidden], "fp8"),
    kv_norm: get(`${prefix}.kv_norm.weight`, [c.headDim], "bf16"),
    wo_a: get(`${prefix}.wo_a.weight`, [outputs, perGroup], "fp8"),
    wo_b: get(`${prefix}.wo_b.weight`, [c.hidden, outputs], "fp8"),
    ...(ratio > 0 && { compressor: compressorWeights(c, get, `${prefix}.compressor`, ratio, c.headDim) }),
    ...(ratio === 4 && {
      indexer: {
        wq_b: get(`${prefix}.indexer.wq_b.weight`, [c.index.heads * c.index.headDim, c.qRank], "fp8"),
        weights_proj: get(`${prefix}.indexer.weights_proj.weight`, [c.index.heads, c.hidden], "bf16"),
        compressor: compressorWeights(c, get, `${prefix}.indexer.compressor`, ratio, c.index.headDim),
      },
    }),
  };
}

function compressorWeights<W>(c: V4Config, get: WeightGetter<W>, prefix: string, ratio: number, width: number): CompressorWeights<W> {
  const columns = ratio === 4 ? 2 * width : width;
  return {
    wkv: get(`${prefix}.wkv.weight`, [columns, c.hidden], "bf16"),
    wgate: get(`${prefix}.wgate.weight`, [columns, c.hidden], "bf16"),
    ape: get(`${prefix}.ape`, [ratio, columns], "f32"),
    norm: get(`${prefix}.norm.weight`, [width], "bf16"),
  };
}

function moeWeights<W>(c: V4Config, get: WeightGetter<W>, prefix: string, hashed: boolean): MoeWeights<W> {
  const triple = (name: string, inner: number, storage: "fp4" | "fp8"): ExpertTriple<W> => ({
    w1: get(`${prefix}.${name}.w1.weight`, [inner, c.hidden], storage),
    w2: get(`${prefix}.${name}.w2.weight`, [c.hidden, inner], storage),
    w3: get(`${prefix}.${name}.w3.weight`, [inner, c.hidden], storage),
  });
  return {
    gate: get(`${prefix}.gate.weight`, [c.experts, c.hidden], "bf16"),
    ...(hashed
      ? { tid2eid: get(`${prefix}.gate.tid2eid`, [c.vocabSize, c.expertsPerToken], "i64", c.experts) }
      : { bias: get(`${prefix}.gate.bias`, [c.experts], "f32") }),
    experts: Array.from({ length: c.experts }, (_, e) => triple(`experts.${e}`, c.expertHidden, "fp4")),
    ...(c.sharedExperts > 0 && { shared: triple("shared_experts", c.sharedExperts * c.expertHidden, "fp8") }),
  };
}

function mtpWeights<W>(c: V4Config, get: WeightGetter<W>, prefix: string): MtpWeights<W> {
  return {
    enorm: get(`${prefix}.enorm.weight`, [c.hidden], "bf16"),
    hnorm: get(`${prefix}.hnorm.weight`, [c.hidden], "bf16"),
    eProj: get(`${prefix}.e_proj.weight`, [c.hidden, c.hidden], "fp8"),
    hProj: get(`${prefix}.h_proj.weight`, [c.hidden, c.hidden], "fp8"),
    block: blockWeights(c, get, prefix, 0, false),
    output: outputWeights(c, get, `${prefix}.`),
  };
}
