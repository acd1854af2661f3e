/**
 * DeepSeek-V3.2 in closed form: what V4's report measures itself against. Shapes and the sparse indexer are those of
 * v4-architecture section 8; the same counting rules as the cost interpreter (matrix products and attention only).
 */
const LAYERS = 61;
const HIDDEN = 7168;
const HEADS = 128;
const Q_RANK = 1536;
const KV_RANK = 512;
const ROPE = 64;
const NOPE = 128;
const VALUE = 128;
const DENSE = { layers: 3, inner: 18432 };
const EXPERT = { inner: 2048, active: 8 + 1, count: 256 };
const INDEX = { heads: 64, width: 128, topK: 2048 };
const VOCAB = 129280;

/** FP8 multiply-adds of one token's linear layers, by two, without attention. */
function linearFlops(): number {
  const attention =
    HIDDEN * Q_RANK +
    Q_RANK * HEADS * (NOPE + ROPE) +
    HIDDEN * (KV_RANK + ROPE) +
    KV_RANK * HEADS * (NOPE + VALUE) +
    HEADS * VALUE * HIDDEN;
  const indexer = Q_RANK * INDEX.heads * INDEX.width + HIDDEN * INDEX.width + HIDDEN * INDEX.heads;
  const dense = DENSE.layers * 3 * HIDDEN * DENSE.inner;
  const moe = (LAYERS - DENSE.layers) * (3 * HIDDEN * EXPERT.inner * EXPERT.active + HIDDEN * EXPERT.count);
  return 2 * (LAYERS * (attention + indexer) + dense + moe);
}

/** One decoded token at `context` tokens: BF16 attention and head weigh two FP8 units, the FP8 indexer one. */
export function v32DecodeFp8Flops(context: number): number {
  const seen = context + 1;
  const indexer = seen > INDEX.topK ? 2 * seen * INDEX.heads * INDEX.width * LAYERS : 0;
  const attention = 2 * Math.min(seen, INDEX.topK) * HEADS * (KV_RANK + ROPE + KV_RANK) * LAYERS;
  return linearFlops() + indexer + 2 * attention + 2 * (2 * VOCAB * HIDDEN);
}

/**
 * Bytes per token of V3.2's cache. BF16 latent: (512 + 64) · 2 per layer; FP8 latent as FlashMLA stores it: 512 E4M3, four
 * fp32 scales and a BF16 rotary part, 656 B per layer; indexer key: 128 FP8 and one fp32 scale, 132 B per layer.
 */
export const V32_CACHE_BYTES_PER_TOKEN = {
  bf16: LAYERS * ((KV_RANK + ROPE) * 2 + 132),
  fp8: LAYERS * (KV_RANK + 16 + 2 * ROPE + 132),
} as const;
