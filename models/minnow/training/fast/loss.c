/* The vocabulary head and its cross entropy. Gradients are formed together with the
   loss, while a block's logits are still in the cache, so logits are never kept.
   Hidden size and vocabulary are multiples of 32.
   Needs AVX512F/BW/VL/DQ and AVX512-BF16. */
#include "tiles.h"

#define ROWS 64   /* rows whose logits exist at a time */
#define MANY 512  /* rows that are added to the head's gradient at a time */

/* One row of logits: returns its loss; slopes = weight * (softmax - target), or null. */
static float row(float *logits, long vocabulary, long target, float weight, bf16 *slopes, uint8_t *correct) {
    __m512 top = _mm512_loadu_ps(logits), sum = zero();
    for (long v = 16; v < vocabulary; v += 16) top = _mm512_max_ps(top, _mm512_loadu_ps(logits + v));
    float largest = _mm512_reduce_max_ps(top), aimed = logits[target];
    for (long v = 0; v < vocabulary; v += 16) {
        __m512 e = exp16(_mm512_loadu_ps(logits + v) - all(largest));
        sum += e;
        _mm512_storeu_ps(logits + v, e);
    }
    float whole = total(sum);
    *correct = aimed >= largest;
    if (slopes) {
        for (long v = 0; v < vocabulary; v += 16) narrow(slopes + v, _mm512_loadu_ps(logits + v) * all(weight / whole));
        slopes[target] = narrow1(weight * (logits[target] / whole - 1));
    }
    return weight * (__builtin_logf(whole) + largest - aimed);
}

/* x [rows, d], head [vocabulary, d] -> the weighted sum of losses; dx [rows, d] and
   dhead [vocabulary, d] float for a gradient of one, or null. */
double loss_cross_entropy(const bf16 *x, const bf16 *head, const int64_t *targets, const float *weights,
                          uint8_t *correct, bf16 *dx, float *dhead, long rows, long d, long vocabulary) {
    pair *forward = scratch(vocabulary * d * 2), *backward = scratch(vocabulary * d * 2);
    pair *left = scratch(MANY * vocabulary * 2), *right = scratch(MANY * d * 2);
    float *logits = scratch(ROWS * vocabulary * 4);
    bf16 *slopes = scratch(ROWS * vocabulary * 2), *xs = scratch(MANY * d * 2), *out = scratch(ROWS * d * 2);
    double sum = 0;
    pack_columns(forward, head, vocabulary, d);
    if (dx) {
        pack_rows(backward, head, d, vocabulary, d);
        memset(dhead, 0, vocabulary * d * 4);
    }
    for (long from = 0; from < rows; from += MANY) {
        long many = rows - from < MANY ? rows - from : MANY, whole = (many + 7) & ~7L;
        memcpy(xs, x + from * d, many * d * 2);
        memset(xs + many * d, 0, (whole - many) * d * 2);
        for (long at = 0; at < many; at += ROWS) {
            long n = many - at < ROWS ? many - at : ROWS, padded = (n + 7) & ~7L;
            product(0, logits, vocabulary, xs + at * d, forward, padded, vocabulary, d);
            for (long r = 0; r < n; r++) {
                long i = from + at + r;
                sum += row(logits + r * vocabulary, vocabulary, targets[i], weights[i], dx ? slopes + r * vocabulary : 0, correct + i);
            }
            if (!dx) continue;
            memset(slopes + n * vocabulary, 0, (padded - n) * vocabulary * 2);
            product(out, 0, d, slopes, backward, padded, d, vocabulary);
            memcpy(dx + (from + at) * d, out, n * d * 2);
            for (long v = 0; v < vocabulary; v += PANEL) /* these rows' place in the panels of all rows */
                pack_rows(left + (v / PANEL * whole / 2 + at / 2) * PANEL, slopes + v, vocabulary, padded, PANEL);
        }
        if (!dx) continue;
        pack_rows(right, xs, d, whole, d);
        gradient(dhead, left, right, vocabulary, d, whole / 2);
    }
    free(forward); free(backward); free(left); free(right); free(logits); free(slopes); free(xs); free(out);
    return sum;
}
