/* Hyper-connections of four streams: coefficients, collapse and norm before a part of the
   network, expansion after it, and the gradients of both. Sixteen tokens at a time: what
   belongs to a token alone runs with tokens in the lanes, what touches the streams with
   columns in the lanes. The hidden size is a multiple of 32.
   Needs AVX512F/BW/VL/DQ and AVX512-BF16. */
#include "tiles.h"

#define TOKENS 16
#define MIXES 24             /* 4 to collapse, 4 to write, 4 x 4 to carry over */
#define SAVED (MIXES + 2)    /* lane vectors per block: the mixes before scale and base, and two root mean squares */
#define MAX_STEPS 128

typedef struct { float eps, norm_eps; int iters, outputs; } Numbers; /* outputs: 24, or 4 at the head */

/* ---- Sinkhorn on sixteen 4 x 4 matrices; b[4 j + k] is row j, column k ---- */
typedef struct { __m512 soft[16], after[MAX_STEPS][16], inverse[MAX_STEPS][4]; } Walk;

INLINE void normalise(__m512 b[16], __m512 inverse[4], int along, int across, float eps) {
    for (int a = 0; a < 4; a++) {
        int at = a * along;
        inverse[a] = all(1) / (b[at] + b[at + across] + b[at + 2 * across] + b[at + 3 * across] + all(eps));
        for (int c = 0; c < 4; c++) b[at + c * across] *= inverse[a];
    }
}
/* Row softmax, then columns, rows, columns, ... `walk` keeps every step for the way back. */
INLINE void sinkhorn(__m512 b[16], int iters, float eps, Walk *walk) {
    for (int j = 0; j < 16; j += 4) {
        __m512 top = _mm512_max_ps(_mm512_max_ps(b[j], b[j + 1]), _mm512_max_ps(b[j + 2], b[j + 3])), sum = zero();
        for (int k = j; k < j + 4; k++) sum += b[k] = exp16(b[k] - top);
        for (int k = j; k < j + 4; k++) {
            b[k] /= sum;
            if (walk) walk->soft[k] = b[k];
            b[k] += all(eps);
        }
    }
    for (int step = 0; step < 2 * iters - 1; step++) {
        __m512 inverse[4];
        if (step & 1) normalise(b, inverse, 4, 1, eps);
        else normalise(b, inverse, 1, 4, eps);
        if (walk) {
            memcpy(walk->after[step], b, sizeof walk->after[step]);
            memcpy(walk->inverse[step], inverse, sizeof inverse);
        }
    }
}
/* y = x / (sum x + eps):  dx = (dy - sum(dy y)) / (sum x + eps) */
INLINE void unnormalise(__m512 g[16], const __m512 y[16], const __m512 inverse[4], int along, int across) {
    for (int a = 0; a < 4; a++) {
        __m512 dot = zero();
        for (int c = 0; c < 4; c++) dot = fma16(g[a * along + c * across], y[a * along + c * across], dot);
        for (int c = 0; c < 4; c++) g[a * along + c * across] = (g[a * along + c * across] - dot) * inverse[a];
    }
}
static void sinkhorn_backward(__m512 g[16], int iters, const Walk *walk) {
    for (int step = 2 * iters - 2; step >= 0; step--)
        if (step & 1) unnormalise(g, walk->after[step], walk->inverse[step], 4, 1);
        else unnormalise(g, walk->after[step], walk->inverse[step], 1, 4);
    for (int j = 0; j < 16; j += 4) {
        __m512 dot = zero();
        for (int k = j; k < j + 4; k++) dot = fma16(g[k], walk->soft[k], dot);
        for (int k = j; k < j + 4; k++) g[k] = (g[k] - dot) * walk->soft[k];
    }
}

/* From the mixes to a, c and b. */
INLINE __m512 scaled(const __m512 *mix, int i, const float *base, const float *scale) {
    return fma16(mix[i], all(scale[i < 4 ? 0 : i < 8 ? 1 : 2]), all(base[i]));
}
INLINE void coefficients(__m512 q[MIXES], const __m512 *mix, const float *base, const float *scale, Numbers k, Walk *walk) {
    for (int i = 0; i < k.outputs; i++) q[i] = scaled(mix, i, base, scale);
    for (int i = 0; i < 4; i++) q[i] = sigmoid16(q[i]) + all(k.eps);
    if (k.outputs == 4) return;
    for (int i = 4; i < 8; i++) q[i] = all(2) * sigmoid16(q[i]);
    sinkhorn(q + 8, k.iters, k.eps, walk);
}

/* Lanes to token-major rows of 24 and back. */
static void to_rows(float *rows, const __m512 *lanes, int count, int n) {
    for (int i = 0; i < count; i++) for (int t = 0; t < n; t++) rows[t * MIXES + i] = ((const float *)(lanes + i))[t];
}
static void to_lanes(__m512 *lanes, const float *rows, long stride, int count, int n) {
    for (int i = 0; i < count; i++) for (int t = 0; t < TOKENS; t++) ((float *)(lanes + i))[t] = t < n ? rows[t * stride + i] : 0;
}

/* A block of rows that may be read in full: the last one is copied and padded with zeros. */
static const bf16 *whole_block(bf16 *space, const bf16 *rows, int n, long width) {
    if (n == TOKENS) return rows;
    memset(space, 0, TOKENS * width * 2);
    memcpy(space, rows, n * width * 2);
    return space;
}

/* u = sum_j a_j X_j, 16 columns */
INLINE __m512 collapsed(const bf16 *x, const float *a, long d, long c) {
    __m512 u = all(a[0]) * widen(x + c);
    for (int j = 1; j < 4; j++) u = fma16(all(a[j]), widen(x + j * d + c), u);
    return u;
}

/* X [N, 4, d], fn [outputs, 4 d] -> x [N, d], coefficients [N, 24] (a, c, b), saved [blocks, 26, 16]. */
void mixing_before(const bf16 *X, const float *fn, const float *base, const float *scale, const float *norm,
                   bf16 *x, float *coefficient, float *saved, long count, long d,
                   int outputs, int iters, float eps, float norm_eps) {
    Numbers k = {eps, norm_eps, iters, outputs};
    long width = 4 * d;
    bf16 *space = scratch(TOKENS * width * 2), *rounded = scratch(PANEL * width * 2);
    pair *packed = scratch(PANEL * width * 2);
    memset(rounded, 0, PANEL * width * 2);
    for (long i = 0; i < outputs * width; i += 16) narrow(rounded + i, _mm512_loadu_ps(fn + i));
    pack_columns(packed, rounded, PANEL, width);
    for (long at = 0; at < count; at += TOKENS) {
        int n = count - at < TOKENS ? count - at : TOKENS;
        const bf16 *in = whole_block(space, X + at * width, n, width);
        float mixed[TOKENS * PANEL], square[TOKENS], *q = coefficient + at * MIXES;
        __m512 lanes[MIXES], *mix = (__m512 *)(saved + at * SAVED), *wide_inverse = mix + MIXES, *inverse = wide_inverse + 1;
        product(0, mixed, PANEL, in, packed, TOKENS, PANEL, width);
        for (int t = 0; t < TOKENS; t++) {
            __m512 s = zero(), s2 = zero();
            for (long c = 0; c < width; c += 64) {
                __m512i v = load32(in + t * width + c), w = load32(in + t * width + c + 32);
                s = dot32(s, v, v);
                s2 = dot32(s2, w, w);
            }
            square[t] = total(s + s2);
        }
        *wide_inverse = all(1) / _mm512_sqrt_ps(_mm512_loadu_ps(square) / all(width) + all(norm_eps));
        to_lanes(mix, mixed, PANEL, outputs, TOKENS);
        for (int i = 0; i < outputs; i++) mix[i] *= *wide_inverse;
        coefficients(lanes, mix, base, scale, k, 0);
        to_rows(q, lanes, outputs, n);
        for (int t = 0; t < n; t++) {
            __m512 s = zero();
            for (long c = 0; c < d; c += 16) {
                __m512 u = collapsed(in + t * width, q + t * MIXES, d, c);
                s = fma16(u, u, s);
            }
            float r = 1 / __builtin_sqrtf(total(s) / d + norm_eps);
            ((float *)inverse)[t] = r;
            for (long c = 0; c < d; c += 16)
                narrow(x + (at + t) * d + c, collapsed(in + t * width, q + t * MIXES, d, c) * all(r) * _mm512_loadu_ps(norm + c));
        }
    }
    free(space); free(rounded); free(packed);
}

/* X'_k = c_k y + sum_j b_jk X_j */
void mixing_after(const bf16 *X, const bf16 *y, const float *coefficient, bf16 *out, long count, long d) {
    for (long t = 0; t < count; t++, X += 4 * d, y += d, out += 4 * d, coefficient += MIXES) {
        const float *w = coefficient + 4, *b = coefficient + 8;
        for (long c = 0; c < d; c += 16) {
            __m512 v[4], yv = widen(y + c);
            for (int j = 0; j < 4; j++) v[j] = widen(X + j * d + c);
            for (int k = 0; k < 4; k++) {
                __m512 s = all(w[k]) * yv;
                for (int j = 0; j < 4; j++) s = fma16(all(b[4 * j + k]), v[j], s);
                narrow(out + k * d + c, s);
            }
        }
    }
}

/* G = dX' -> dy [N, d] and dc [N, 4]; what X and b get is left to mixing_before_backward. */
void mixing_after_backward(const bf16 *G, const bf16 *y, const float *coefficient, bf16 *dy, float *dc, long count, long d) {
    for (long t = 0; t < count; t++, G += 4 * d, y += d, dy += d, dc += 4, coefficient += MIXES) {
        __m512 dot[4] = {zero(), zero(), zero(), zero()};
        for (long c = 0; c < d; c += 32) {
            __m512i yv = load32(y + c);
            for (int k = 0; k < 4; k++) dot[k] = dot32(dot[k], yv, load32(G + k * d + c));
            narrow(dy + c, collapsed(G, coefficient + 4, d, c));
            narrow(dy + c + 16, collapsed(G, coefficient + 4, d, c + 16));
        }
        for (int k = 0; k < 4; k++) dc[k] = total(dot[k]);
    }
}

/* dx [N, d], dc [N, 4] and G = dX' [N, 4, d] (both null where nothing follows) -> dX of the whole site,
   dfn [32, 4 d] (the rows beyond `outputs` are zero), dbase, dscale, dnorm. */
void mixing_before_backward(const bf16 *X, const bf16 *dx, const float *dc, const bf16 *G, const float *fn,
                            const float *base, const float *scale, const float *norm, const float *coefficient,
                            const float *saved, bf16 *dX, float *dfn, float *dbase, float *dscale, float *dnorm,
                            long count, long d, int outputs, int iters, float eps, float norm_eps) {
    Numbers numbers = {eps, norm_eps, iters, outputs};
    long width = 4 * d;
    bf16 *space = scratch(TOKENS * width * 2), *space2 = scratch(TOKENS * width * 2), *du16 = scratch(d * 2);
    bf16 *rounded = scratch(MIXES * width * 2);
    pair *packed = scratch(MIXES * width * 2);
    float *du = scratch(TOKENS * d * 4);
    Walk *walk = scratch(sizeof *walk);
    __m512 base_lanes[MIXES], scale_lanes[3] = {zero(), zero(), zero()};
    for (int i = 0; i < MIXES; i++) base_lanes[i] = zero();
    for (long i = 0; i < outputs * width; i += 16) narrow(rounded + i, _mm512_loadu_ps(fn + i));
    pack_rows(packed, rounded, width, outputs, width);
    memset(dfn, 0, PANEL * width * 4);
    memset(dnorm, 0, d * 4);
    for (long at = 0; at < count; at += TOKENS) {
        int n = count - at < TOKENS ? count - at : TOKENS;
        const bf16 *in = whole_block(space, X + at * width, n, width), *out = G ? whole_block(space2, G + at * width, n, width) : 0;
        const float *q = coefficient + at * MIXES;
        const __m512 *mix = (const __m512 *)(saved + at * SAVED), wide_inverse = mix[MIXES];
        float grads[TOKENS * MIXES];
        /* Through the norm to u, and the products of gradients and streams. */
        for (int t = 0; t < n; t++) {
            const bf16 *xt = in + t * width, *gt = out + t * width, *dxt = dx + (at + t) * d;
            float r = ((const float *)(mix + MIXES + 1))[t], *g = grads + t * MIXES, *dut = du + t * d;
            __m512 s = zero();
            for (long c = 0; c < d; c += 16) {
                __m512 u = collapsed(xt, q + t * MIXES, d, c), dv = widen(dxt + c);
                _mm512_storeu_ps(dnorm + c, fma16(dv, u * all(r), _mm512_loadu_ps(dnorm + c)));
                dv *= _mm512_loadu_ps(norm + c);
                s = fma16(dv, u, s);
                _mm512_storeu_ps(dut + c, dv);
            }
            float pull = total(s) * r * r / d;
            for (long c = 0; c < d; c += 16) {
                __m512 v = all(r) * (_mm512_loadu_ps(dut + c) - collapsed(xt, q + t * MIXES, d, c) * all(pull));
                _mm512_storeu_ps(dut + c, v);
                narrow(du16 + c, v);
            }
            __m512 da[4], db[16];
            for (int j = 0; j < 4; j++) da[j] = zero();
            for (int j = 0; j < 16; j++) db[j] = zero();
            for (long c = 0; c < d; c += 32) {
                __m512i dv = load32(du16 + c);
#pragma GCC unroll 4
                for (int j = 0; j < 4; j++) {
                    __m512i xv = load32(xt + j * d + c);
                    da[j] = dot32(da[j], dv, xv);
                    if (G)
#pragma GCC unroll 4
                        for (int k = 0; k < 4; k++) db[4 * j + k] = dot32(db[4 * j + k], xv, load32(gt + k * d + c));
                }
            }
            for (int j = 0; j < 4; j++) g[j] = total(da[j]), g[4 + j] = dc ? dc[(at + t) * 4 + j] : 0;
            for (int j = 0; j < 16; j++) g[8 + j] = total(db[j]);
        }
        /* Through the coefficients to the mixes, tokens in the lanes. */
        __m512 lanes[MIXES], value[MIXES], pull = zero();
        to_lanes(lanes, grads, MIXES, MIXES, n);
        coefficients(value, mix, base, scale, numbers, walk);
        if (outputs == MIXES) sinkhorn_backward(lanes + 8, iters, walk);
        for (int i = 0; i < outputs; i++) {
            __m512 v = value[i] - all(eps);
            if (i < 4) lanes[i] *= v * (all(1) - v);
            else if (i < 8) lanes[i] *= value[i] * (all(1) - all(0.5f) * value[i]);
            int group = i < 4 ? 0 : i < 8 ? 1 : 2;
            base_lanes[i] += lanes[i];
            scale_lanes[group] = fma16(lanes[i], mix[i], scale_lanes[group]);
            lanes[i] *= all(scale[group]);
            pull = fma16(lanes[i], mix[i], pull);
            lanes[i] *= wide_inverse;
        }
        pull *= wide_inverse * wide_inverse * all(-1.0f / width);
        /* Words that pair two mixes of a token, and words that pair two tokens of a mix. */
        pair by_mix[TOKENS * MIXES / 2], by_token[TOKENS / 2 * PANEL] = {0};
        for (int t = 0; t < TOKENS; t++)
            for (int i = 0; i < outputs; i++) {
                bf16 v = narrow1(((const float *)(lanes + i))[t]);
                ((bf16 *)by_mix)[t * outputs + i] = v;
                ((bf16 *)by_token)[(t / 2 * PANEL + i) * 2 + t % 2] = v;
            }
        /* The streams: every part of dX at once, and dfn. */
        for (long c = 0; c < width; c += PANEL) {
            long j = c / d, col = c % d;
            for (int from = 0; from < n; from += 8) {
                __m512 s[16];
                tile_zero(s);
                tile(s, by_mix + from * outputs / 2, outputs / 2, 1, packed + c * outputs / 2, outputs / 2);
                for (int i = 0; i < 8 && from + i < n; i++)
                    for (int h = 0; h < PANEL; h += 16) {
                        int t = from + i;
                        __m512 v = s[2 * i + h / 16];
                        const float *b = q + t * MIXES + 8 + 4 * j;
                        v = fma16(all(((const float *)&pull)[t]), widen(in + t * width + c + h), v);
                        v = fma16(all(q[t * MIXES + j]), _mm512_loadu_ps(du + t * d + col + h), v);
                        if (G)
                            for (int k = 0; k < 4; k++) v = fma16(all(b[k]), widen(out + t * width + k * d + col + h), v);
                        narrow(dX + (at + t) * width + c + h, v);
                    }
            }
            pair right[TOKENS / 2 * PANEL];
            pack_rows(right, in + c, width, TOKENS, PANEL);
            for (int i = 0; i < outputs; i += 8) {
                __m512 s[16];
                float *o = dfn + i * width + c;
                for (int r = 0; r < 16; r++) s[r] = _mm512_loadu_ps(o + r / 2 * width + r % 2 * 16);
                tile(s, by_token + i, 1, PANEL, right, TOKENS / 2);
                for (int r = 0; r < 16; r++) _mm512_storeu_ps(o + r / 2 * width + r % 2 * 16, s[r]);
            }
        }
    }
    for (int i = 0; i < outputs; i++) dbase[i] = total(base_lanes[i]);
    for (int i = 0; i < (outputs == MIXES ? 3 : 1); i++) dscale[i] = total(scale_lanes[i]);
    free(space); free(space2); free(du16); free(rounded); free(packed); free(du); free(walk);
}
