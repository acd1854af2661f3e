/**
 * DeepSeek-V4 (Flash, Pro and their refreshes), written as its equations. Source: v4-architecture section 2.
 *
 * Shapes: N stacked token rows, D hidden, n streams, H heads of d = head_dim columns, of which the last rope_dim rotate.
 * One latent of d columns is key and value for all heads. Residual state X is n streams of D columns side by side.
 */
import { completedWindows, type Ops, type Rows, type Selection, type Tensor, type Weight } from "../ops/index.ts";
import type { Ratio, V4Config } from "./deepseek-v4-config.ts";
import { type CompressorStores, type LayerStores, type SequenceState, stackLayers } from "./deepseek-v4-state.ts";
import type {
  AttentionWeights,
  BlockWeights,
  CompressorWeights,
  ExpertTriple,
  HyperWeights,
  IndexerWeights,
  MoeWeights,
  OutputWeights,
  V4Weights,
} from "./deepseek-v4-weights.ts";

/** One step of the model: new tokens of one or several sequences. */
export interface Step {
  readonly ops: Ops;
  readonly config: V4Config;
  readonly rows: Rows;
  /** Token id of each row: hash-routed layers need them in the middle of the network. */
  readonly tokens: Int32Array;
}

/** Residual streams after the last layer, [N, n·D]; the states grow by the step's tokens. */
export function forward(step: Step, weights: V4Weights, states: readonly SequenceState[]): Tensor {
  const { ops, config: c } = step;
  let X = ops.repeat(ops.embed(weights.embed, step.tokens), c.streams);
  for (const [l, layer] of weights.layers.entries()) X = block(step, layer, stackLayers(states.map((s) => s.layers[l]!)), c.ratios[l]!, X);
  for (const s of step.rows.segments) states[s.sequence]!.length = s.position + s.count;
  return X;
}

/** Next-token logits [rows, vocabulary] from residual streams. */
export function logits(step: Step, weights: V4Weights, X: Tensor): Tensor {
  return head(step, weights.output, weights.head, X);
}

/**
 * Multi-token prediction, block i: from the streams X at each row (before the output head) and the token that follows
 * it, logits for the token after that. Returns its own streams too: they are the next draft's X.
 */
export function predictAhead(
  step: Step,
  weights: V4Weights,
  states: readonly SequenceState[],
  i: number,
  X: Tensor,
): { X: Tensor; logits: Tensor } {
  const { ops, config: c } = step;
  const w = weights.mtp[i]!;
  const e = ops.linear(norm(step, ops.embed(weights.embed, step.tokens), w.enorm), w.eProj, "mtp.e");
  const h = ops.linear(norm(step, ops.reshape(X, c.hidden), w.hnorm), w.hProj, "mtp.h");
  const X0 = ops.add(ops.repeat(e, c.streams), ops.reshape(h, c.streams * c.hidden));
  const X1 = block(step, w.block, stackLayers(states.map((s) => s.mtp[i]!)), 0, X0);
  return { X: X1, logits: head(step, w.output, weights.head, X1) };
}

/** An attention site, then a feed-forward site, each wrapped in a hyper-connection. */
function block(step: Step, w: BlockWeights, cache: LayerStores, ratio: Ratio, X: Tensor): Tensor {
  X = hyperConnection(step, w.attnHyper, X, (u) => attention(step, w.attn, cache, ratio, norm(step, u, w.attnNorm)));
  return hyperConnection(step, w.ffnHyper, X, (u) => moe(step, w.ffn, norm(step, u, w.ffnNorm)));
}

/** u = Σ A_j X_j;  X'_k = C_k f(u) + Σ_j B_jk X_j  with B doubly stochastic (manifold-constrained hyper-connections). */
function hyperConnection(step: Step, w: HyperWeights, X: Tensor, f: (u: Tensor) => Tensor): Tensor {
  const { ops } = step;
  const { pre: A, post: C, mix: B } = ops.hyperCoefficients(X, w, hyperOptions(step));
  const y = f(ops.collapse(X, A));
  return ops.expand(X, y, C, B);
}

function head(step: Step, w: OutputWeights, vocabulary: Weight, X: Tensor): Tensor {
  const { ops } = step;
  const h = ops.collapse(X, ops.headCoefficients(X, w.hyper, hyperOptions(step)));
  return ops.linear(norm(step, h, w.norm), vocabulary, "head");
}

function attention(step: Step, w: AttentionWeights, cache: LayerStores, ratio: Ratio, x: Tensor): Tensor {
  const { ops, config: c, rows } = step;
  const { heads } = c;
  const f = ratio === 0 ? c.frequencies.plain : c.frequencies.compressed;

  const latent = norm(step, ops.linear(x, w.wq_a, "attention.q_a"), w.q_norm);
  const q = norm(step, ops.linear(latent, w.wq_b, "attention.q_b"), undefined, heads);
  const kv = norm(step, ops.linear(x, w.wkv, "attention.kv"), w.kv_norm);
  ops.append(cache.window, roundKv(step, ops.rope(kv, rows.positions, f, { heads: 1 })), rows);

  if (w.compressor) compress(step, w.compressor, cache.compressor!, ratio, x, (entry) => roundKv(step, entry));
  const selection = w.indexer && selectEntries(step, w.indexer, cache.indexer!, ratio, x, latent);

  const o = ops.attend(ops.rope(q, rows.positions, f, { heads }), rows, {
    heads,
    scale: c.headDim ** -0.5,
    window: cache.window,
    windowSize: c.window,
    ...(cache.compressor && { entries: cache.compressor.entries, ratio }),
    ...(selection && { selection }),
    sink: w.sink,
  });
  const z = ops.groupedLinear(ops.rope(o, rows.positions, f, { heads, inverse: true }), w.wo_a, c.outputGroups, "attention.o_a");
  return ops.linear(z, w.wo_b, "attention.o_b");
}

/**
 * One entry per window of `ratio` tokens that the step completes: a softmax over the window's rows, channel by channel,
 * then norm and rotation at the window's first position. CSA windows (4) overlap the one before; HCA windows (128) do not.
 */
function compress(
  step: Step,
  w: CompressorWeights,
  cache: CompressorStores,
  ratio: Ratio,
  x: Tensor,
  rounded: (entry: Tensor) => Tensor,
): void {
  const { ops, config: c, rows } = step;
  ops.append(cache.values, ops.linear(x, w.wkv, "compressor"), rows);
  ops.append(cache.scores, ops.addByPhase(ops.linear(x, w.wgate, "compressor"), w.ape, rows.positions), rows);

  const windows = completedWindows(rows, ratio);
  if (windows.count === 0) return;
  const entries = norm(step, ops.pool(cache.values, cache.scores, windows, { ratio, overlap: ratio === 4 }), w.norm);
  ops.append(cache.entries, rounded(ops.rope(entries, windows.positions, c.frequencies.compressed, { heads: 1 })), windows);
}

/** Lightning indexer: a small attention of its own, I = Σ_h weight_h · relu(q_h · key), decides which entries each query reads. */
function selectEntries(step: Step, w: IndexerWeights, cache: CompressorStores, ratio: Ratio, x: Tensor, latent: Tensor): Selection {
  const { ops, config: c, rows } = step;
  const { heads, headDim, topK } = c.index;
  compress(step, w.compressor, cache, ratio, x, (key) => roundIndexer(step, key, 1));
  const q = ops.rope(ops.linear(latent, w.wq_b, "indexer.q_b"), rows.positions, c.frequencies.compressed, { heads });
  const importance = ops.scale(ops.linear(x, w.weights_proj, "indexer.weights"), (headDim * heads) ** -0.5);
  return ops.selectEntries(roundIndexer(step, q, heads), importance, cache.entries, rows, { heads, ratio, topK });
}

/** y = Σ over the routed experts, weighted, + the shared expert; routed by token id in the first layers, by score in the others. */
function moe(step: Step, w: MoeWeights, x: Tensor): Tensor {
  const { ops, config: c } = step;
  const options = { perToken: c.expertsPerToken, scale: c.routeScale };
  const scores = ops.linear(x, w.gate, "gate");
  // The shared expert first: it reads the same input as the gate.
  const shared = w.shared && feedForward(step, w.shared, x);
  const route = w.tid2eid ? ops.routeByToken(scores, w.tid2eid, step.tokens, options) : ops.routeByScore(scores, w.bias!, options);
  const routed = ops.experts(x, route, w.experts, c.swigluLimit);
  return shared ? ops.add(routed, shared) : routed;
}

/** w2 · (silu(w1 x) · w3 x). */
function feedForward({ ops, config: c }: Step, w: ExpertTriple, x: Tensor): Tensor {
  const h = ops.swiglu(ops.linear(x, w.w1, "shared.up"), ops.linear(x, w.w3, "shared.up"), c.swigluLimit);
  return ops.linear(h, w.w2, "shared.down");
}

/** Root-mean-square norm of each of `groups` parts of a row; without a weight where the model has none (query heads). */
const norm = ({ ops, config: c }: Step, x: Tensor, weight?: Weight, groups = 1) => ops.rmsNorm(x, weight, { eps: c.normEps, groups });

/** Cached keys are stored rounded, except their rotary part. */
const roundKv = ({ ops, config: c }: Step, kv: Tensor) => ops.round(kv, "kv", { heads: 1, columns: c.headDim - c.ropeDim });

/** The Hadamard transform changes no exact score, being orthogonal on both sides, but spreads what FP4 rounding would lose. */
const roundIndexer = ({ ops, config: c }: Step, x: Tensor, heads: number) =>
  ops.round(ops.hadamard(x, heads), "indexer", { heads, columns: c.index.headDim });

const hyperOptions = ({ config: c }: Step) => ({
  streams: c.streams,
  iterations: c.sinkhornIterations,
  eps: c.hyperEps,
  normEps: c.normEps,
});
