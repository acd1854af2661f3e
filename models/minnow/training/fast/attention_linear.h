/* The linear layers around the attention. */
#pragma once
/* ---- linears: y [N, out] = x [N, in] w^T, w [out, in]; rows of x, y and gradients may be strided.
   `in` is a multiple of 32, `out` even. ---- */
#define TOKENS 32 /* rows at a time: with a panel triple of the weights they fit the first cache */

/* rows [n, inner] times packed panels -> out [n, width] */
static void rows_times(const bf16 *x, long ld, long N, const uint32_t *panels, long inner, bf16 *out, long ldo, long width,
                       int add) {
    long P = (width + 15) / 16;
    float *c = scratch(TOKENS * P * 16 * 4);
    bf16 *tail = scratch(TOKENS * inner * 2);
    for (long t = 0; t < N; t += TOKENS) {
        long n = N - t < TOKENS ? N - t : TOKENS, lda = ld;
        const bf16 *a = x + t * ld;
        if (n % 8) { /* the last rows, made up to a multiple of 8 */
            memset(tail, 0, TOKENS * inner * 2);
            for (long i = 0; i < n; i++) memcpy(tail + i * inner, a + i * ld, inner * 2);
            a = tail, lda = inner;
        }
        product((n + 7) / 8 * 8, P, (const uint32_t *)a, lda / 2, 1, panels, inner / 2, c, P * 16);
        for (long i = 0; i < n; i++)
            for (long j = 0; j < width; j += 16) {
                __mmask16 m = below(width - j);
                bf16 *o = out + (t + i) * ldo + j;
                vec v = load32(c + i * P * 16 + j);
                if (add) v += _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(m, o)), 16));
                _mm256_mask_storeu_epi16(o, m, (__m256i)_mm512_cvtneps_pbh(v));
            }
    }
    free(c); free(tail);
}
void attention_linear(const bf16 *x, long ldx, const bf16 *w, bf16 *y, long ldy, long N, long in, long out) {
    long padded = (out + 15) / 16 * 16;
    uint32_t *panels = scratch(padded * in * 2);
    const bf16 **row = scratch(padded * sizeof(*row));
    for (long i = 0; i < padded; i++) row[i] = i < out ? w + i * in : zeros;
    pack_columns(row, padded, in, panels);
    rows_times(x, ldx, N, panels, in, y, ldy, out, 0);
    free(panels); free(row);
}
/* dx = dy w, added to dx if `add` */
void attention_linear_input(const bf16 *dy, long ldy, const bf16 *w, bf16 *dx, long ldx, long N, long in, long out, long add) {
    uint32_t *panels = scratch(out * in * 2);
    pack_matrix(w, out, in, panels, out);
    rows_times(dy, ldy, N, panels, out, dx, ldx, in, add);
    free(panels);
}
/* dw [out, in] = dy^T x */
void attention_linear_weight(const bf16 *dy, long ldy, const bf16 *x, long ldx, bf16 *dw, long N, long in, long out) {
    enum { COLUMNS = 128, STRIDE = COLUMNS + 16, DEPTH = 256 };
    long chunks = (N + DEPTH - 1) / DEPTH;
    uint32_t *right = scratch(chunks * DEPTH / 2 * in * 4), *left = scratch(DEPTH / 2 * STRIDE * 4);
    float *c = scratch(COLUMNS * in * 4);
    for (long t = 0; t < N; t += 2) {
        long chunk = t / DEPTH, left_over = N - chunk * DEPTH, depth = left_over < DEPTH ? (left_over + 1) / 2 : DEPTH / 2;
        pack_pair(x + t * ldx, t + 1 < N ? x + (t + 1) * ldx : zeros, in, right + chunk * DEPTH / 2 * in + (t - chunk * DEPTH) * 8,
                  depth * 16);
    }
    for (long o = 0; o < out; o += COLUMNS) {
        long width = out - o < COLUMNS ? out - o : COLUMNS;
        for (long t = 0; t < N; t += DEPTH) {
            long depth = N - t < DEPTH ? (N - t + 1) / 2 : DEPTH / 2;
            for (long k = 0; k < depth; k++)
                for (long j = 0; j < width; j += 16) {
                    const bf16 *even = dy + (t + 2 * k) * ldy + o + j;
                    __mmask16 m = below(width - j);
                    _mm512_storeu_si512(left + k * STRIDE + j, pairs(_mm256_maskz_loadu_epi16(m, even),
                        t + 2 * k + 1 < N ? _mm256_maskz_loadu_epi16(m, even + ldy) : _mm256_setzero_si256()));
                }
            multiply((width + 7) / 8 * 8, in / 16, left, 1, STRIDE, right + t / 2 * in, depth, c, in, t > 0);
        }
        for (long i = 0; i < width; i++) narrow(c + i * in, dw + (o + i) * in, in);
    }
    free(right); free(left); free(c);
}
