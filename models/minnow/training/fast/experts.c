/* The mixture of experts: routing, gathering, the three products of each expert and
   their gradients, a block of rows at a time so that everything in between stays in
   the second-level cache. Hidden sizes are multiples of 128.
   Needs AVX512F/BW/VL/DQ and AVX512-BF16. */
#include "tiles.h"

#define ROWS 128 /* rows of one expert handled at a time */

/* ---- routing ---- */

/* Chooses `top` experts of each token by score + bias (bias null: `chosen` is given).
   score = sqrt(softplus(x gate)); weight = factor * score / sum of the chosen scores. */
void experts_route(const bf16 *x, const bf16 *gate, const float *bias, int32_t *chosen, float *score, float *weight,
                   long count, long d, int experts, int top, float factor) {
    long wide = (experts + PANEL - 1) / PANEL * PANEL;
    pair *packed = scratch(wide * d * 2);
    bf16 *padded = scratch(wide * d * 2), *rows = scratch(8 * d * 2);
    float *s = scratch(8 * wide * 4);
    memset(padded, 0, wide * d * 2);
    memset(rows, 0, 8 * d * 2);
    memcpy(padded, gate, experts * d * 2);
    pack_columns(packed, padded, wide, d);
    for (long t = 0; t < count; t += 8) {
        int n = count - t < 8 ? count - t : 8;
        if (n < 8) memcpy(rows, x + t * d, n * d * 2);
        product(0, s, wide, n < 8 ? rows : x + t * d, packed, 8, wide, d);
        for (long i = 0; i < 8 * wide; i += 16) {
            __m512 l = _mm512_loadu_ps(s + i);
            __m512 soft = _mm512_max_ps(l, zero()) + log1p16(exp16(-_mm512_abs_ps(l)));
            _mm512_storeu_ps(s + i, _mm512_sqrt_ps(soft));
        }
        for (int r = 0; r < n; r++) {
            int32_t *pick = chosen + (t + r) * top;
            float sum = 0, *line = s + r * wide, *sc = score + (t + r) * top;
            for (int k = 0; k < top; k++) {
                if (bias) {
                    float best = -1e30f;
                    for (int e = 0; e < experts; e++) {
                        float v = line[e] + bias[e];
                        int taken = 0;
                        for (int j = 0; j < k; j++) taken |= pick[j] == e;
                        if (v > best && !taken) { best = v; pick[k] = e; }
                    }
                }
                sum += sc[k] = line[pick[k]];
            }
            for (int k = 0; k < top; k++) weight[(t + r) * top + k] = factor * sc[k] / sum;
        }
    }
    free(packed); free(padded); free(rows); free(s);
}

/* starts[e] .. starts[e+1] of `order` are the token/expert pairs of expert e, in the order of the tokens. */
void experts_sort(const int32_t *chosen, int32_t *order, int32_t *starts, long pairs, int experts) {
    memset(starts, 0, (experts + 1) * 4);
    for (long p = 0; p < pairs; p++) starts[chosen[p] + 1]++;
    for (int e = 0; e < experts; e++) starts[e + 1] += starts[e];
    int32_t *next = scratch((experts + 1) * 4);
    memcpy(next, starts, experts * 4);
    for (long p = 0; p < pairs; p++) order[next[chosen[p]]++] = (int32_t)p;
    free(next);
}

/* ---- the experts ---- */

/* Row of pair i: pairs are numbered token * top + place; without an order they are the tokens. */
INLINE long pair_of(const int32_t *order, long i) { return order ? order[i] : i; }

/* Rows of x (through FP8 if asked), padded with zeros to a multiple of eight. */
static void gather(bf16 *out, const bf16 *x, const int32_t *order, long from, int n, int padded, long d, int top, int quantise) {
    for (int r = 0; r < n; r++) {
        const bf16 *p = x + pair_of(order, from + r) / top * d;
        if (!quantise) memcpy(out + r * d, p, d * 2);
        else
            for (long c = 0; c < d; c += 128) {
                __m512 v[8];
                for (int i = 0; i < 8; i++) v[i] = widen(p + c + 16 * i);
                round128(out + r * d + c, v, 1);
            }
    }
    memset(out + n * d, 0, (padded - n) * d * 2);
}

/* hidden = round(weight * silu(min(h1, limit)) * clamp(h3, +-limit)); h holds h1 and h3 side by side. */
INLINE void activate(bf16 *hidden, const bf16 *h, long width, float weight, float limit, int quantise) {
    for (long c = 0; c < width; c += 128) {
        __m512 v[8];
        for (int i = 0; i < 8; i++) {
            __m512 g = _mm512_min_ps(widen(h + c + 16 * i), all(limit));
            __m512 u = _mm512_max_ps(_mm512_min_ps(widen(h + width + c + 16 * i), all(limit)), all(-limit));
            v[i] = g * sigmoid16(g) * u * all(weight);
        }
        round128(hidden + c, v, quantise);
    }
}

/* x [N, d]; w1, w3 [E, width, d], w2 [E, d, width]; h keeps h1|h3 of every pair in expert order
   [pairs + 8, 2 width] (the rows beyond a block's end are overwritten by the next block);
   part [pairs, d] is what each pair adds to its token. */
void experts_forward(const bf16 *x, const bf16 *w1, const bf16 *w2, const bf16 *w3, const int32_t *order,
                     const int32_t *starts, const float *weight, bf16 *h, bf16 *part,
                     long d, long width, int experts, int top, float limit, int quantise) {
    bf16 *xs = scratch(ROWS * d * 2), *hidden = scratch(ROWS * width * 2), *out = scratch(ROWS * d * 2);
    pair *p13 = scratch(2 * width * d * 2), *p2 = scratch(width * d * 2);
    for (int e = 0; e < experts; e++) {
        if (starts[e] == starts[e + 1]) continue;
        pack_columns(p13, w1 + e * width * d, width, d);
        pack_columns(p13 + width * d / 2, w3 + e * width * d, width, d);
        pack_columns(p2, w2 + e * width * d, d, width);
        for (long from = starts[e]; from < starts[e + 1]; from += ROWS) {
            int n = starts[e + 1] - from < ROWS ? starts[e + 1] - from : ROWS, padded = (n + 7) & ~7;
            gather(xs, x, order, from, n, padded, d, top, quantise);
            product(h + from * 2 * width, 0, 2 * width, xs, p13, padded, 2 * width, d);
            for (int r = 0; r < n; r++)
                activate(hidden + r * width, h + (from + r) * 2 * width, width,
                         weight ? weight[pair_of(order, from + r)] : 1, limit, quantise);
            memset(hidden + n * width, 0, (padded - n) * width * 2);
            product(out, 0, d, hidden, p2, padded, d, width);
            for (int r = 0; r < n; r++) memcpy(part + pair_of(order, from + r) * d, out + r * d, d * 2);
        }
    }
    free(xs); free(hidden); free(out); free(p13); free(p2);
}

/* Gradients of one row: dh [width] with respect to the rounded hidden row. Leaves d1|d3, returns the weight's. */
INLINE float activate_backward(bf16 *d13, const bf16 *h, const float *dh, long width, float weight, float limit) {
    __m512 dw = zero(), top = all(limit);
    for (long c = 0; c < width; c += 16) {
        __m512 g = widen(h + c), u = widen(h + width + c), dy = _mm512_loadu_ps(dh + c);
        __mmask16 gate = _mm512_cmp_ps_mask(g, top, _CMP_LE_OQ), up = _mm512_cmp_ps_mask(_mm512_abs_ps(u), top, _CMP_LE_OQ);
        g = _mm512_min_ps(g, top);
        u = _mm512_max_ps(_mm512_min_ps(u, top), all(-limit));
        __m512 s = sigmoid16(g), silu = g * s;
        dw = fma16(dy, silu * u, dw);
        dy = dy * all(weight);
        narrow(d13 + c, _mm512_maskz_mul_ps(gate, dy * u, s + silu * (all(1) - s)));
        narrow(d13 + width + c, _mm512_maskz_mul_ps(up, dy, silu));
    }
    return total(dw);
}

static void store_rows(bf16 *out, const float *in, long size) {
    for (long i = 0; i < size; i += 16) narrow(out + i, _mm512_loadu_ps(in + i));
}

/* dy [N, d] -> part [pairs, d], the gradient each pair sends to its token's x; dweight [pairs]; dw1, dw2, dw3. */
void experts_backward(const bf16 *x, const bf16 *dy, const bf16 *w1, const bf16 *w2, const bf16 *w3,
                      const int32_t *order, const int32_t *starts, const float *weight, const bf16 *h,
                      bf16 *part, float *dweight, bf16 *dw1, bf16 *dw2, bf16 *dw3,
                      long d, long width, int experts, int top, float limit, int quantise) {
    bf16 *xs = scratch(ROWS * d * 2), *ds = scratch(ROWS * d * 2), *out = scratch(ROWS * d * 2);
    bf16 *hidden = scratch(ROWS * width * 2), *d13 = scratch(ROWS * 2 * width * 2);
    float *dh = scratch(ROWS * width * 4), *g13 = scratch(2 * width * d * 4), *g2 = scratch(width * d * 4);
    pair *p13 = scratch(2 * width * d * 2), *p2 = scratch(width * d * 2);
    pair *left = scratch(ROWS * (d > 2 * width ? d : 2 * width) * 2), *right = scratch(ROWS * (d > width ? d : width) * 2);
    bf16 *both = scratch(2 * width * d * 2);
    for (int e = 0; e < experts; e++) {
        long size = width * d, at = e * size;
        memset(g13, 0, 2 * size * 4);
        memset(g2, 0, size * 4);
        memcpy(both, w1 + at, size * 2);
        memcpy(both + size, w3 + at, size * 2);
        pack_rows(p13, both, d, 2 * width, d);
        pack_rows(p2, w2 + at, width, d, width);
        for (long from = starts[e]; from < starts[e + 1]; from += ROWS) {
            int n = starts[e + 1] - from < ROWS ? starts[e + 1] - from : ROWS, padded = (n + 7) & ~7;
            gather(xs, x, order, from, n, padded, d, top, quantise);
            gather(ds, dy, order, from, n, padded, d, top, 0);
            product(0, dh, width, ds, p2, padded, width, d);
            for (int r = 0; r < n; r++) {
                long p = pair_of(order, from + r);
                const bf16 *row = h + (from + r) * 2 * width;
                float w = weight ? weight[p] : 1;
                activate(hidden + r * width, row, width, w, limit, quantise);
                float g = activate_backward(d13 + r * 2 * width, row, dh + r * width, width, w, limit);
                if (weight) dweight[p] = g;
            }
            memset(hidden + n * width, 0, (padded - n) * width * 2);
            memset(d13 + n * 2 * width, 0, (padded - n) * 2 * width * 2);
            product(out, 0, d, d13, p13, padded, d, 2 * width);
            for (int r = 0; r < n; r++) memcpy(part + pair_of(order, from + r) * d, out + r * d, d * 2);
            pack_rows(left, d13, 2 * width, padded, 2 * width);
            pack_rows(right, xs, d, padded, d);
            gradient(g13, left, right, 2 * width, d, padded / 2);
            pack_rows(left, ds, d, padded, d);
            pack_rows(right, hidden, width, padded, width);
            gradient(g2, left, right, d, width, padded / 2);
        }
        store_rows(dw1 + at, g13, size);
        store_rows(dw3 + at, g13 + size, size);
        store_rows(dw2 + at, g2, size);
    }
    free(xs); free(ds); free(out); free(hidden); free(d13); free(dh); free(g13); free(g2);
    free(p13); free(p2); free(left); free(right); free(both);
}

/* ---- putting tokens together ---- */

/* y[t] = shared[t] + the parts of its pairs. */
void experts_sum(bf16 *y, const bf16 *shared, const bf16 *part, long count, long d, int top) {
    for (long t = 0; t < count; t++)
        for (long c = 0; c < d; c += 16) {
            __m512 v = widen(shared + t * d + c);
            for (int k = 0; k < top; k++) v += widen(part + (t * top + k) * d + c);
            narrow(y + t * d + c, v);
        }
}

/* Adds the gate's part: dx [N, d] from the pairs and the routing weights, dgate [E, d]. */
void experts_join(const bf16 *x, const bf16 *gate, const int32_t *chosen, const float *score, const float *dweight,
                  const bf16 *shared, const bf16 *part, bf16 *dx, float *dgate,
                  long count, long d, int experts, int top, float factor) {
    memset(dgate, 0, experts * d * 4);
    for (long t = 0; t < count; t++) {
        const float *s = score + t * top, *dw = dweight + t * top;
        float sum = 0, dot = 0, dl[16];
        for (int k = 0; k < top; k++) { sum += s[k]; dot += dw[k] * s[k]; }
        for (int k = 0; k < top; k++) { /* softplus' = 1 - exp(-softplus), and softplus = score^2 */
            float slope = (1 - _mm512_cvtss_f32(exp16(all(-s[k] * s[k])))) / (2 * s[k]);
            dl[k] = factor * (dw[k] - dot / sum) / sum * slope;
        }
        for (long c = 0; c < d; c += 16) {
            __m512 v = widen(shared + t * d + c), xv = widen(x + t * d + c);
            for (int k = 0; k < top; k++) {
                long e = chosen[t * top + k];
                float *g = dgate + e * d + c;
                v += widen(part + (t * top + k) * d + c);
                v = fma16(all(dl[k]), widen(gate + e * d + c), v);
                _mm512_storeu_ps(g, fma16(all(dl[k]), xv, _mm512_loadu_ps(g)));
            }
            narrow(dx + t * d + c, v);
        }
    }
}
