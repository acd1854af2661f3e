/* Building blocks for AVX512-BF16: BF16 rows, the FP8 round trip, and one matrix tile.

   Products read pairs of BF16 values as one 32-bit word. The right operand is packed
   in panels of 32 columns, [columns / 32][pairs][32] words; the left operand is read a
   word at a time from anywhere, so rows of activations need no packing at all. */
#include <immintrin.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint16_t bf16;
typedef uint32_t pair; /* two BF16 values that a product multiplies and adds in one go */

#define INLINE static inline __attribute__((always_inline))
#define PANEL 32

INLINE __m512 bits(__m512i x) { return _mm512_castsi512_ps(x); }
INLINE __m512 all(float x) { return _mm512_set1_ps(x); }
INLINE __m512 zero(void) { return _mm512_setzero_ps(); }
INLINE __m512 fma16(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
INLINE float total(__m512 x) { return _mm512_reduce_add_ps(x); }
INLINE __m512i words16(const bf16 *p) { return _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)p)); }
INLINE __m512 widen(const bf16 *p) { return bits(_mm512_slli_epi32(words16(p), 16)); }
INLINE void narrow(bf16 *p, __m512 x) { _mm256_storeu_si256((void *)p, (__m256i)_mm512_cvtneps_pbh(x)); }
INLINE __m512 dot32(__m512 sum, __m512i a, __m512i b) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }
INLINE __m512i load32(const bf16 *p) { return _mm512_loadu_si512(p); }
INLINE bf16 narrow1(float x) { return (bf16)_mm_extract_epi16((__m128i)_mm_cvtneps_pbh(_mm_set_ss(x)), 0); }
INLINE float widen1(bf16 x) { uint32_t w = (uint32_t)x << 16; float f; memcpy(&f, &w, 4); return f; }
INLINE void *scratch(long bytes) { return aligned_alloc(64, (bytes + 63) / 64 * 64); }

INLINE __m512 exp16(__m512 x) {
    x = _mm512_min_ps(_mm512_max_ps(x, all(-87.3f)), all(88.3f));
    __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, all(1.44269504f)), 0);
    __m512 r = _mm512_fnmadd_ps(n, all(0.693359375f), x);
    r = _mm512_fnmadd_ps(n, all(-2.12194440e-4f), r);
    __m512 p = all(1 / 720.0f);
    p = fma16(p, r, all(1 / 120.0f));
    p = fma16(p, r, all(1 / 24.0f));
    p = fma16(p, r, all(1 / 6.0f));
    p = fma16(p, r, all(0.5f));
    p = fma16(p, r, all(1));
    p = fma16(p, r, all(1));
    return _mm512_scalef_ps(p, n);
}
INLINE __m512 sigmoid16(__m512 x) { return all(1) / (all(1) + exp16(-x)); }

/* log(1 + z) for 0 <= z <= 1, as 2 artanh(z / (2 + z)). */
INLINE __m512 log1p16(__m512 z) {
    __m512 s = z / (z + all(2)), q = s * s, p = all(1 / 13.0f);
    for (int i = 11; i > 0; i -= 2) p = fma16(p, q, all(1.0f / i));
    return all(2) * s * p;
}

/* Nearest E4M3 value times its power-of-two scale; the scale comes from the largest magnitude of 128 values. */
INLINE __m512i fp8_floor(__m512 largest) {
    float m = _mm512_reduce_max_ps(largest);
    m = (m < 1e-4f ? 1e-4f : m) * (1 / 448.0f);
    uint32_t b;
    memcpy(&b, &m, 4);
    int exponent = (int)(b >> 23) + ((b & 0x7FFFFF) != 0);
    return _mm512_set1_epi32((exponent - 6) << 23); /* 2^-6 of the scale: below it steps no longer shrink */
}
INLINE __m512 fp8(__m512 x, __m512i floor) {
    __m512i e = _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7F800000));
    __m512i step = _mm512_sub_epi32(_mm512_max_epi32(e, floor), _mm512_set1_epi32(3 << 23));
    __m512 inverse = bits(_mm512_sub_epi32(_mm512_set1_epi32(254 << 23), step));
    return _mm512_mul_ps(_mm512_roundscale_ps(_mm512_mul_ps(x, inverse), 0), bits(step));
}
/* 128 values to BF16, through FP8 if asked. */
INLINE void round128(bf16 *out, const __m512 v[8], int quantise) {
    if (!quantise) {
        for (int i = 0; i < 8; i++) narrow(out + 16 * i, v[i]);
        return;
    }
    __m512 m = zero();
    for (int i = 0; i < 8; i++) m = _mm512_max_ps(m, _mm512_abs_ps(v[i]));
    __m512i floor = fp8_floor(m);
    for (int i = 0; i < 8; i++) narrow(out + 16 * i, fp8(v[i], floor));
}

/* [rows][columns] -> panels whose words pair rows 2k and 2k+1. */
INLINE void pack_rows(pair *out, const bf16 *in, long stride, long rows, long columns) {
    for (long c = 0; c < columns; c += PANEL)
        for (long k = 0; k < rows / 2; k++, out += PANEL)
            for (int h = 0; h < PANEL; h += 16) {
                const bf16 *p = in + 2 * k * stride + c + h;
                _mm512_storeu_si512(out + h, _mm512_or_si512(words16(p), _mm512_slli_epi32(words16(p + stride), 16)));
            }
}
/* The transposed matrix: [columns of the product][inner] -> panels whose words pair neighbours of a row. */
INLINE void pack_columns(pair *out, const bf16 *in, long columns, long inner) {
    __m512i lane = _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                                      _mm512_set1_epi32((int)(inner / 2)));
    for (long c = 0; c < columns; c += PANEL)
        for (long k = 0; k < inner / 2; k++, out += PANEL)
            for (int h = 0; h < PANEL; h += 16)
                _mm512_storeu_si512(out + h, _mm512_i32gather_epi32(lane, (const pair *)in + (c + h) * (inner / 2) + k, 4));
}

/* sum[8][32] += left[8][pairs] right[pairs][32]; left word (r, k) lies at left[r * row + k * step]. */
INLINE void tile(__m512 sum[16], const pair *left, long row, long step, const pair *right, long pairs) {
    __m512 s[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) s[i] = sum[i];
    for (long k = 0; k < pairs; k++) {
        __m512i a = _mm512_loadu_si512(right + PANEL * k), b = _mm512_loadu_si512(right + PANEL * k + 16);
#pragma GCC unroll 8
        for (int r = 0; r < 8; r++) {
            __m512i x = _mm512_set1_epi32((int)left[r * row + k * step]);
            s[2 * r] = dot32(s[2 * r], x, a);
            s[2 * r + 1] = dot32(s[2 * r + 1], x, b);
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) sum[i] = s[i];
}

INLINE void tile_zero(__m512 s[16]) { for (int i = 0; i < 16; i++) s[i] = zero(); }

/* out[rows][columns] = left right, rows in eights, columns in panels; BF16 or float results. */
INLINE void product(bf16 *out16, float *out32, long stride, const bf16 *left, const pair *right, long rows, long columns, long inner) {
    for (long c = 0; c < columns; c += PANEL)
        for (long r = 0; r < rows; r += 8) {
            __m512 s[16];
            tile_zero(s);
            tile(s, (const pair *)(left + r * inner), inner / 2, 1, right + c * (inner / 2), inner / 2);
            for (int i = 0; i < 16; i++) {
                long at = (r + i / 2) * stride + c + i % 2 * 16;
                if (out16) narrow(out16 + at, s[i]);
                else _mm512_storeu_ps(out32 + at, s[i]);
            }
        }
}
/* out[m][n] += transposed left times right over `pairs` pairs of rows; both come from pack_rows. */
INLINE void gradient(float *out, const pair *left, const pair *right, long m, long n, long pairs) {
    for (long p = 0; p < m; p += PANEL)
        for (long c = 0; c < n; c += PANEL)
            for (long r = 0; r < PANEL; r += 8) {
                __m512 s[16];
                float *o = out + (p + r) * n + c;
                for (int i = 0; i < 16; i++) s[i] = _mm512_loadu_ps(o + i / 2 * n + i % 2 * 16);
                tile(s, left + p * pairs + r, 1, PANEL, right + c * pairs, pairs);
                for (int i = 0; i < 16; i++) _mm512_storeu_ps(o + i / 2 * n + i % 2 * 16, s[i]);
            }
}
