/**
 * DeepSeek-V4 (Flash, Pro and their refreshes), written as its equations. Source: v4-architecture section 2.
 *
 * Shapes: N stacked token rows, D hidden, n streams, H heads of d = head_dim columns, of which the last rope_dim rotate.
 * One latent of d columns is key and value for all heads. Residual state X is n streams of D columns side by side.
 */
import { completedWindows, type Ops, type Rows, type Selection, type Tensor } from "../ops/index.ts";
import type { Ratio, V4Config } from "./deepseek-v4-config.ts";
import type { CompressorState, LayerState, SequenceState } from "./deepseek-v4-state.ts";
import type {
  AttentionWeights,
  BlockWeights,
  CompressorWeights,
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
  for (const [l, layer] of weights.layers.entries()) {
    X = block(
      step,
      layer,
      states.map((s) => s.layers[l]!),
      c.ratios[l]!,
      X,
    );
  }
  for (const s of step.rows.segments) states[s.sequence]!.length = s.position + s.count;
  return X;
}

/** Next-token logits [rows, vocabulary] from residual streams. */
export function logits(step: Pick<Step, "ops" | "config">, weights: V4Weights, X: Tensor): Tensor {
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
  const norm = { eps: c.normEps };
  const e = ops.linear(ops.rmsNorm(ops.embed(weights.embed, step.tokens), w.enorm, norm), w.eProj, "mtp.e");
  const streams = ops.reshape(X, c.hidden);
  const h = ops.reshape(ops.linear(ops.rmsNorm(streams, w.hnorm, norm), w.hProj, "mtp.h"), c.streams * c.hidden);
  const out = block(
    step,
    w.block,
    states.map((s) => s.mtp[i]!),
    0,
    ops.add(ops.repeat(e, c.streams), h),
  );
  return { X: out, logits: head(step, w.output, weights.head, out) };
}

/** An attention site, then a feed-forward site, each wrapped in a hyper-connection. */
function block(step: Step, w: BlockWeights, states: readonly LayerState[], ratio: Ratio, X: Tensor): Tensor {
  const { ops, config: c } = step;
  const norm = { eps: c.normEps };
  X = hyperConnection(step, w.attnHyper, X, (u) => attention(step, w.attn, states, ratio, ops.rmsNorm(u, w.attnNorm, norm)));
  return hyperConnection(step, w.ffnHyper, X, (u) => moe(step, w.ffn, ops.rmsNorm(u, w.ffnNorm, norm)));
}

/** u = Σ A_j X_j;  X'_k = C_k f(u) + Σ_j B_jk X_j  with B doubly stochastic (manifold-constrained hyper-connections). */
function hyperConnection(step: Step, w: HyperWeights, X: Tensor, sublayer: (u: Tensor) => Tensor): Tensor {
  const { ops } = step;
  const { pre: A, post: C, mix: B } = ops.hyperCoefficients(X, w, hyperOptions(step.config));
  const y = sublayer(ops.collapse(X, A));
  return ops.expand(X, y, C, B);
}

const hyperOptions = (c: V4Config) => ({ streams: c.streams, iterations: c.sinkhornIterations, eps: c.hyperEps, normEps: c.normEps });

function head({ ops, config: c }: Pick<Step, "ops" | "config">, w: OutputWeights, vocabulary: V4Weights["head"], X: Tensor): Tensor {
  const h = ops.collapse(X, ops.headCoefficients(X, w.hyper, hyperOptions(c)));
  return ops.linear(ops.rmsNorm(h, w.norm, { eps: c.normEps }), vocabulary, "head");
}

function attention(step: Step, w: AttentionWeights, states: readonly LayerState[], ratio: Ratio, x: Tensor): Tensor {
  const { ops, config: c, rows } = step;
  const { heads } = c;
  const f = ratio === 0 ? c.frequencies.plain : c.frequencies.compressed;

  const latent = ops.rmsNorm(ops.linear(x, w.wq_a, "attention.q_a"), w.q_norm, { eps: c.normEps });
  const q = ops.rope(
    ops.rmsNorm(ops.linear(latent, w.wq_b, "attention.q_b"), undefined, { eps: c.normEps, groups: heads }),
    rows.positions,
    f,
    { heads },
  );

  const kv = ops.rope(ops.rmsNorm(ops.linear(x, w.wkv, "attention.kv"), w.kv_norm, { eps: c.normEps }), rows.positions, f, { heads: 1 });
  const window = states.map((s) => s.window);
  ops.append(window, roundKv(step, kv), rows);

  if (w.compressor) {
    const finish = (e: Tensor) => roundKv(step, e);
    compress(
      step,
      w.compressor,
      states.map((s) => s.compressor!),
      ratio,
      x,
      finish,
    );
  }
  const selection =
    w.indexer &&
    selectEntries(
      step,
      w.indexer,
      states.map((s) => s.indexer!),
      ratio,
      x,
      latent,
    );

  const o = ops.attend(q, rows, {
    heads,
    scale: c.headDim ** -0.5,
    window,
    windowSize: c.window,
    ...(w.compressor && { entries: states.map((s) => s.compressor!.entries), ratio }),
    ...(selection && { selection }),
    sink: w.sink,
  });
  const unrotated = ops.rope(o, rows.positions, f, { heads, inverse: true });
  return ops.linear(ops.groupedLinear(unrotated, w.wo_a, c.outputGroups, "attention.o_a"), w.wo_b, "attention.o_b");
}

/** Cached keys are stored rounded, except the rotary part. */
function roundKv({ ops, config: c }: Step, kv: Tensor): Tensor {
  return ops.round(kv, "kv", { heads: 1, columns: c.headDim - c.ropeDim });
}

/** Appends one entry per window of `ratio` tokens that the step completes. CSA windows (4) overlap the one before; HCA windows (128) do not. */
function compress(
  step: Step,
  w: CompressorWeights,
  states: readonly CompressorState[],
  ratio: Ratio,
  x: Tensor,
  finish: (e: Tensor) => Tensor,
): void {
  const { ops, config: c, rows } = step;
  const [values, scores, entries] = [states.map((s) => s.values), states.map((s) => s.scores), states.map((s) => s.entries)];
  ops.append(values, ops.linear(x, w.wkv, "compressor"), rows);
  ops.append(scores, ops.addByPhase(ops.linear(x, w.wgate, "compressor"), w.ape, rows.positions), rows);

  const windows = completedWindows(rows, ratio);
  if (windows.count === 0) return;
  const pooled = ops.pool(values, scores, windows, { ratio, overlap: ratio === 4 });
  const e = ops.rope(ops.rmsNorm(pooled, w.norm, { eps: c.normEps }), windows.positions, c.frequencies.compressed, { heads: 1 });
  ops.append(entries, finish(e), windows);
}

/** Lightning indexer: a small attention of its own decides which compressed entries each query reads. */
function selectEntries(
  step: Step,
  w: IndexerWeights,
  states: readonly CompressorState[],
  ratio: Ratio,
  x: Tensor,
  latent: Tensor,
): Selection {
  const { ops, config: c, rows } = step;
  const { heads, headDim, topK } = c.index;
  const round = (t: Tensor, parts: number) => ops.round(ops.hadamard(t, parts), "indexer", { heads: parts, columns: headDim });

  compress(step, w.compressor, states, ratio, x, (e) => round(e, 1));
  const q = round(ops.rope(ops.linear(latent, w.wq_b, "indexer.q_b"), rows.positions, c.frequencies.compressed, { heads }), heads);
  const importance = ops.scale(ops.linear(x, w.weights_proj, "indexer.weights"), (headDim * heads) ** -0.5);
  return ops.selectEntries(
    q,
    importance,
    states.map((s) => s.entries),
    rows,
    { heads, ratio, topK },
  );
}

function moe(step: Step, w: MoeWeights, x: Tensor): Tensor {
  const { ops, config: c } = step;
  const options = { perToken: c.expertsPerToken, scale: c.routeScale };
  const scores = ops.linear(x, w.gate, "gate");
  const route = w.tid2eid ? ops.routeByToken(scores, w.tid2eid, step.tokens, options) : ops.routeByScore(scores, w.bias!, options);
  const routed = ops.experts(x, route, w.experts, c.swigluLimit);
  if (!w.shared) return routed;
  const h = ops.swiglu(ops.linear(x, w.shared.w1, "shared.up"), ops.linear(x, w.shared.w3, "shared.up"), c.swigluLimit);
  return ops.add(routed, ops.linear(h, w.shared.w2, "shared.down"));
}
