/* Vectors, the bf16 matrix product, and how its sides are packed. */
#pragma once
/* ---- vectors ---- */
INLINE vec load16(const bf16 *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)p)), 16));
}
INLINE void save16(bf16 *p, vec x) { _mm256_storeu_si256((void *)p, (__m256i)_mm512_cvtneps_pbh(x)); }
INLINE vec load32(const float *p) { return _mm512_loadu_ps(p); }
INLINE void save32(float *p, vec x) { _mm512_storeu_ps(p, x); }
INLINE vec all(float x) { return _mm512_set1_ps(x); }
/* Two rows as one row of pairs: what a bf16 product wants along its inner dimension. */
INLINE __m512i pairs(__m256i even, __m256i odd) {
    return _mm512_or_si512(_mm512_cvtepu16_epi32(even), _mm512_slli_epi32(_mm512_cvtepu16_epi32(odd), 16));
}
INLINE vec vexp(vec x) {
    vec y = _mm512_max_ps(x * all(1.44269504f), all(-126.0f));
    vec n = _mm512_roundscale_ps(y, 0), f = y - n, p = all(1.33335581e-3f);
    p = p * f + all(9.61812911e-3f);
    p = p * f + all(5.55041087e-2f);
    p = p * f + all(2.40226507e-1f);
    p = p * f + all(6.93147181e-1f);
    p = p * f + all(1.0f);
    return _mm512_scalef_ps(p, n);
}
/* The first n of 16 lanes. */
INLINE uint32_t below(long n) { return n >= 16 ? 0xFFFF : n <= 0 ? 0 : (1u << n) - 1; }
static const bf16 zeros[WIDEST];
static void *scratch(size_t bytes) { return aligned_alloc(64, (bytes + 127) & ~(size_t)63); }

/* ---- product: C [M, 16 P] = A B (or += if `add`) with an inner dimension of `inner` pairs ----
   A(m, k) is the pair at a[m am + k ak]; B is packed in panels of 16 columns, each [inner, 16] pairs.
   M is a multiple of 8. */
INLINE void tile(const int wide, const uint32_t *a, long am, long ak, const uint32_t *b, long inner,
                 float *c, long cm, int add) {
    vec sum[8][3];
    for (int m = 0; m < 8; m++)
        for (int p = 0; p < wide; p++) sum[m][p] = add ? load32(c + m * cm + 16 * p) : _mm512_setzero_ps();
    for (long k = 0; k < inner; k++) {
        __m512bh right[3];
        for (int p = 0; p < wide; p++) right[p] = (__m512bh)_mm512_loadu_si512(b + (p * inner + k) * 16);
        for (int m = 0; m < 8; m++) {
            __m512bh left = (__m512bh)_mm512_set1_epi32(a[m * am + k * ak]);
            for (int p = 0; p < wide; p++) sum[m][p] = _mm512_dpbf16_ps(sum[m][p], left, right[p]);
        }
    }
    for (int m = 0; m < 8; m++)
        for (int p = 0; p < wide; p++) save32(c + m * cm + 16 * p, sum[m][p]);
}
static void multiply(long M, long P, const uint32_t *a, long am, long ak, const uint32_t *b, long inner,
                     float *c, long cm, int add) {
    for (long p = 0, wide; p < P; p += wide) {
        wide = P - p == 4 ? 2 : P - p < 3 ? P - p : 3;
        for (long m = 0; m < M; m += 8) {
            const uint32_t *l = a + m * am, *r = b + p * inner * 16;
            float *o = c + m * cm + 16 * p;
            if (wide == 3) tile(3, l, am, ak, r, inner, o, cm, add);
            else if (wide == 2) tile(2, l, am, ak, r, inner, o, cm, add);
            else tile(1, l, am, ak, r, inner, o, cm, add);
        }
    }
}

INLINE void product(long M, long P, const uint32_t *a, long am, long ak, const uint32_t *b, long inner,
                    float *c, long cm) {
    multiply(M, P, a, am, ak, b, inner, c, cm, 0);
}

/* ---- packing ---- */
INLINE void transpose(__m512i r[16]) {
    __m512i t[16];
    for (int i = 0; i < 8; i++) {
        t[2*i] = _mm512_unpacklo_epi32(r[2*i], r[2*i+1]);
        t[2*i+1] = _mm512_unpackhi_epi32(r[2*i], r[2*i+1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i+2]);
        r[i+1] = _mm512_unpackhi_epi64(t[i], t[i+2]);
        r[i+2] = _mm512_unpacklo_epi64(t[i+1], t[i+3]);
        r[i+3] = _mm512_unpackhi_epi64(t[i+1], t[i+3]);
    }
    for (int j = 0; j < 4; j++) {
        __m512i a = _mm512_shuffle_i32x4(r[j], r[4+j], 0x88), b = _mm512_shuffle_i32x4(r[8+j], r[12+j], 0x88);
        __m512i c = _mm512_shuffle_i32x4(r[j], r[4+j], 0xdd), e = _mm512_shuffle_i32x4(r[8+j], r[12+j], 0xdd);
        t[j] = _mm512_shuffle_i32x4(a, b, 0x88);
        t[4+j] = _mm512_shuffle_i32x4(c, e, 0x88);
        t[8+j] = _mm512_shuffle_i32x4(a, b, 0xdd);
        t[12+j] = _mm512_shuffle_i32x4(c, e, 0xdd);
    }
    for (int i = 0; i < 16; i++) r[i] = t[i];
}
/* Rows of d as the right side of x K^T: panels of 16 rows, each [d/2, 16] pairs. */
static void pack_columns(const bf16 *const *row, long n, int d, uint32_t *out) {
    for (long p = 0; p < n; p += 16)
        for (int c = 0; c < d / 2; c += 16) {
            __m512i r[16];
            for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_si512(row[p + i] + 2 * c);
            transpose(r);
            for (int i = 0; i < 16; i++) _mm512_storeu_si512(out + (p / 16 * (d / 2) + c + i) * 16, r[i]);
        }
}
/* Rows of d as the right side of x K: panels of 16 columns, each [n/2, 16] pairs of neighbouring rows. */
INLINE void pack_pair(const bf16 *even, const bf16 *odd, int d, uint32_t *out, long panel) {
    for (int c = 0; c < d; c += 16)
        _mm512_storeu_si512(out + c / 16 * panel, pairs(_mm256_loadu_si256((const void *)(even + c)),
                                                        _mm256_loadu_si256((const void *)(odd + c))));
}
static void pack_rows(const bf16 *const *row, long n, int d, uint32_t *out) {
    for (long i = 0; i < n; i += 2) pack_pair(row[i], row[i + 1], d, out + i * 8, n * 8);
}
/* The same of a matrix; its panels may be part of longer ones, of `total` rows. */
static void pack_matrix(const bf16 *x, long n, int d, uint32_t *out, long total) {
    for (long i = 0; i < n; i += 2) pack_pair(x + i * d, x + (i + 1) * d, d, out + i * 8, total * 8);
}
