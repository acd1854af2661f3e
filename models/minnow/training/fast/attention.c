/* Kernels of the attention layer for packed batches (see attention.py for the shapes).

   Needs AVX-512 with BF16 (`available()` in build.py). One thread, no global state.
   Every product is a bf16 matrix product with f32 sums, made by one small routine,
   `product`. Queries are taken in blocks of 16; with H heads that is 16 H rows against
   the keys of the block: the window and the visible compressed entries. Keys and values
   are the same vectors and all heads share them, so the keys of a block are packed once
   and serve every product of the block.

   Sizes: attention.py checks what `Layout` lists. Rows are at most WIDEST long. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16   /* queries per block */
#define WIDEST 1024 /* longest row that is held on the stack */
#define LARGEST 128 /* largest compression ratio */
#define INLINE static inline __attribute__((always_inline))

typedef uint16_t bf16;
typedef __m512 vec;

/* What stays the same over a whole call. Pointers are owned by the caller. */
typedef struct {
    const int32_t *starts;       /* [S+1] first token of each sequence */
    const int32_t *entry_starts; /* [S+1] first compressed entry of each sequence */
    const float *cos, *sin;      /* [positions, rd]: each angle twice; sin with the sign of the rotation */
    const uint16_t *chosen;      /* [N, words] bit set of the entries a query selected, or NULL */
    long sequences, words;       /* words: enough 16-bit words for the entries of the longest sequence */
    int heads, dim, rotated, ratio, window, topk, quantise;
    float eps;
} Shape;

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

/* ---- one row: norm, rotation, rounding ---- */
INLINE float unit(const bf16 *x, int n, float eps) {
    vec s = _mm512_setzero_ps();
    for (int i = 0; i < n; i += 16) { vec v = load16(x + i); s += v * v; }
    return 1.0f / sqrtf(_mm512_reduce_add_ps(s) / n + eps);
}
/* dx of y = w x r with r = unit(x); adds to dw. */
INLINE void unit_backward(const bf16 *x, float r, const float *w, const float *dy, int n, bf16 *dx, float *dw) {
    vec s = _mm512_setzero_ps();
    for (int i = 0; i < n; i += 16) {
        vec g = load32(dy + i), y = load16(x + i) * all(r);
        if (w) {
            save32(dw + i, load32(dw + i) + g * y);
            g *= load32(w + i);
        }
        s += g * y;
    }
    vec mean = all(_mm512_reduce_add_ps(s) / n);
    for (int i = 0; i < n; i += 16) {
        vec g = load32(dy + i), y = load16(x + i) * all(r);
        if (w) g *= load32(w + i);
        save16(dx + i, (g - y * mean) * all(r));
    }
}
INLINE void turn(float *x, const float *c, const float *s, int rd, float sign) {
    for (int i = 0; i < rd; i += 16) {
        vec v = load32(x + i);
        save32(x + i, v * load32(c + i) + _mm512_permute_ps(v, 0xB1) * load32(s + i) * all(sign));
    }
}
INLINE __m512i exponent(vec x) { return _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7F800000)); }
INLINE vec power(__m512i bits) { return _mm512_castsi512_ps(bits); }
INLINE vec inverse(__m512i bits) { return power(_mm512_sub_epi32(_mm512_set1_epi32(254 << 23), bits)); }
/* Nearest value of a float format with `fraction` bits and smallest exponent `low`, scaled per group
   by a power of two so that `top` is never exceeded. */
INLINE void rounded(float *x, int n, int group, float top, float least, int low, int fraction) {
    for (int g = 0; g < n; g += group) {
        vec m = _mm512_setzero_ps();
        for (int i = g; i < g + group; i += 16) m = _mm512_max_ps(m, _mm512_abs_ps(load32(x + i)));
        float scale = fmaxf(_mm512_reduce_max_ps(m), least) * (1.0f / top);
        uint32_t bits;
        memcpy(&bits, &scale, 4);
        bits = ((bits >> 23) + ((bits & 0x7FFFFF) != 0)) << 23;
        vec up = power(_mm512_set1_epi32(bits)), down = inverse(_mm512_set1_epi32(bits));
        for (int i = g; i < g + group; i += 16) {
            vec v = load32(x + i) * down;
            __m512i step = _mm512_sub_epi32(_mm512_max_epi32(exponent(v), _mm512_set1_epi32((127 + low) << 23)),
                                            _mm512_set1_epi32(fraction << 23));
            save32(x + i, _mm512_roundscale_ps(v * inverse(step), 0) * power(step) * up);
        }
    }
}
INLINE void round_fp8(float *x, int n, int group) { rounded(x, n, group, 448.0f, 1e-4f, -6, 3); }
INLINE void round_fp4(float *x, int n) { rounded(x, n, 32, 6.0f, 0x1.8p-124f, 0, 1); }
/* Orthonormal Walsh-Hadamard transform; its own inverse and transpose. */
INLINE void hadamard(float *x, int n) {
    for (int i = 0; i < n; i += 16) {
        vec v = load32(x + i);
        v = _mm512_permute_ps(v, 0xB1) + _mm512_mask_sub_ps(v, 0xAAAA, _mm512_setzero_ps(), v);
        v = _mm512_permute_ps(v, 0x4E) + _mm512_mask_sub_ps(v, 0xCCCC, _mm512_setzero_ps(), v);
        v = _mm512_shuffle_f32x4(v, v, 0xB1) + _mm512_mask_sub_ps(v, 0xF0F0, _mm512_setzero_ps(), v);
        v = _mm512_shuffle_f32x4(v, v, 0x4E) + _mm512_mask_sub_ps(v, 0xFF00, _mm512_setzero_ps(), v);
        save32(x + i, v * all(1.0f / sqrtf(n)));
    }
    for (int step = 16; step < n; step *= 2)
        for (int i = 0; i < n; i += 2 * step)
            for (int j = i; j < i + step; j += 16) {
                vec a = load32(x + j), b = load32(x + j + step);
                save32(x + j, a + b);
                save32(x + j + step, a - b);
            }
}
INLINE void widen(const bf16 *x, float *out, int n) { for (int i = 0; i < n; i += 16) save32(out + i, load16(x + i)); }
INLINE void narrow(const float *x, bf16 *out, int n) { for (int i = 0; i < n; i += 16) save16(out + i, load32(x + i)); }

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

/* ---- rounding of whole rows; in place if out == x ---- */
void attention_quantise(const bf16 *x, bf16 *out, long rows, int n, int group) {
    float row[WIDEST];
    for (long t = 0; t < rows; t++) {
        widen(x + t * n, row, n);
        round_fp8(row, n, group);
        narrow(row, out + t * n, n);
    }
}

/* ---- latents: u [N, ranks + dim] -> query latent [N, ranks], keys [N, dim] ---- */
void attention_latents(const Shape *k, const bf16 *u, const float *qw, const float *kw, int rank, bf16 *latent, bf16 *kv) {
    int d = k->dim, rd = k->rotated;
    float row[WIDEST];
    for (long s = 0; s < k->sequences; s++)
        for (long t = k->starts[s]; t < k->starts[s + 1]; t++) {
            const bf16 *p = u + t * (rank + d);
            vec r = all(unit(p, rank, k->eps));
            for (int i = 0; i < rank; i += 16) save32(row + i, load16(p + i) * r * load32(qw + i));
            if (k->quantise) round_fp8(row, rank, 128);
            narrow(row, latent + t * rank, rank);
            p += rank;
            r = all(unit(p, d, k->eps));
            for (int i = 0; i < d; i += 16) save32(row + i, load16(p + i) * r * load32(kw + i));
            long at = (t - k->starts[s]) * rd;
            turn(row + d - rd, k->cos + at, k->sin + at, rd, 1);
            if (k->quantise) round_fp8(row, d - rd, 64);
            narrow(row, kv + t * d, d);
        }
}
void attention_latents_backward(const Shape *k, const bf16 *u, const float *qw, const float *kw, int rank,
                                const bf16 *dlatent, float *dkv, bf16 *du, float *dqw, float *dkw) {
    int d = k->dim, rd = k->rotated;
    float row[WIDEST];
    for (long s = 0; s < k->sequences; s++)
        for (long t = k->starts[s]; t < k->starts[s + 1]; t++) {
            const bf16 *p = u + t * (rank + d);
            bf16 *o = du + t * (rank + d);
            widen(dlatent + t * rank, row, rank);
            unit_backward(p, unit(p, rank, k->eps), qw, row, rank, o, dqw);
            long at = (t - k->starts[s]) * rd;
            turn(dkv + t * d + d - rd, k->cos + at, k->sin + at, rd, -1);
            unit_backward(p + rank, unit(p + rank, d, k->eps), kw, dkv + t * d, d, o + rank, dkw);
        }
}

/* ---- pooling: `ratio` tokens (ratio 4: and the four before) into one entry ----
   x [N, ld] holds values [c dim] then gates [c dim], c = 2 when groups overlap: the first
   half is what the next entry sees of a token, the second what its own entry sees. */
typedef struct {
    int n;                 /* tokens: ratio, or twice that */
    long token[2 * LARGEST];
    int part[2 * LARGEST]; /* which half of the columns, in elements */
    int slot[2 * LARGEST]; /* place of the bias in ape */
} Group;
INLINE void group(const Shape *k, long first, long w, Group *g) {
    int r = k->ratio, c = r == 4 ? 2 : 1, d = k->dim;
    g->n = 0;
    for (int half = c == 2 && w ? 0 : c - 1; half < c; half++)
        for (int i = 0; i < r; i++, g->n++) {
            g->token[g->n] = first + (w + half - c + 1) * r + i;
            g->part[g->n] = half * d;
            g->slot[g->n] = (i * c + half) * d;
        }
}
/* Groups are read across their rows, which the processor does not foresee: fetch the next one early. */
INLINE void fetch(const bf16 *x, long ld, long tokens, long columns) {
    for (long t = 0; t < tokens; t++)
        for (long i = 0; i < columns; i += 32) _mm_prefetch((const char *)(x + t * ld + i), _MM_HINT_T1);
}
/* Weights of 16 channels from i on, unnormalised; returns what to multiply them by. */
INLINE vec gates(const Group *g, const bf16 *x, long ld, const float *ape, int gate, int i, vec *w, vec *pooled) {
    vec top = all(-INFINITY), sum = _mm512_setzero_ps(), e = sum;
    for (int j = 0; j < g->n; j++) {
        w[j] = load16(x + g->token[j] * ld + g->part[j] + gate + i) + load32(ape + g->slot[j] + i);
        top = _mm512_max_ps(top, w[j]);
    }
    for (int j = 0; j < g->n; j++) {
        w[j] = vexp(w[j] - top);
        sum += w[j];
        e += w[j] * load16(x + g->token[j] * ld + g->part[j] + i);
    }
    vec inv = all(1.0f) / sum;
    *pooled = e * inv;
    return inv;
}
/* `index`: the indexer's entries are transformed and rounded to FP4. `pooled` is kept for the backward. */
void attention_pool(const Shape *k, const bf16 *x, long ld, const float *ape, const float *weight, int index,
                    bf16 *pooled, bf16 *out) {
    int d = k->dim, rd = k->rotated, c = k->ratio == 4 ? 2 : 1;
    Group tokens;
    vec w[2 * LARGEST];
    for (long s = 0; s < k->sequences; s++)
        for (long e = k->entry_starts[s]; e < k->entry_starts[s + 1]; e++) {
            long at = e - k->entry_starts[s];
            group(k, k->starts[s], at, &tokens);
            if (e + 1 < k->entry_starts[s + 1])
                fetch(x + (k->starts[s] + (at + 1) * k->ratio) * ld, ld, k->ratio, 2 * c * d);
            float row[WIDEST];
            for (int i = 0; i < d; i += 16) {
                vec p;
                gates(&tokens, x, ld, ape, c * d, i, w, &p);
                save16(pooled + e * d + i, p);
            }
            vec r = all(unit(pooled + e * d, d, k->eps));
            for (int i = 0; i < d; i += 16) save32(row + i, load16(pooled + e * d + i) * r * load32(weight + i));
            at *= (long)k->ratio * rd;
            turn(row + d - rd, k->cos + at, k->sin + at, rd, 1);
            if (index) hadamard(row, d);
            if (k->quantise) {
                if (index) round_fp4(row, d);
                else round_fp8(row, d - rd, 64);
            }
            narrow(row, out + e * d, d);
        }
}
/* de [E, dim] is used up. dx [N, ldx] is written whole (2 c dim columns). */
void attention_pool_backward(const Shape *k, const bf16 *x, long ld, const float *ape, const float *weight, int index,
                             const bf16 *pooled, float *de, bf16 *dx, long ldx, float *dape, float *dweight) {
    int d = k->dim, rd = k->rotated, c = k->ratio == 4 ? 2 : 1, r = k->ratio;
    Group tokens;
    vec w[2 * LARGEST];
    for (long s = 0; s < k->sequences; s++) {
        /* What no entry saw: tokens after the last group, and the last group's half for a next one. */
        long last = k->starts[s] + (k->entry_starts[s + 1] - k->entry_starts[s]) * r;
        for (long t = last; t < k->starts[s + 1]; t++) memset(dx + t * ldx, 0, 2 * c * d * sizeof(bf16));
        for (long t = c == 2 && last > k->starts[s] ? last - r : last; t < last; t++) {
            memset(dx + t * ldx, 0, d * sizeof(bf16));
            memset(dx + t * ldx + c * d, 0, d * sizeof(bf16));
        }
        for (long e = k->entry_starts[s]; e < k->entry_starts[s + 1]; e++) {
            long at = e - k->entry_starts[s];
            group(k, k->starts[s], at, &tokens);
            if (e + 1 < k->entry_starts[s + 1])
                fetch(x + (k->starts[s] + (at + 1) * k->ratio) * ld, ld, k->ratio, 2 * c * d);
            float *g = de + e * d;
            bf16 dp[WIDEST];
            long angle = at * r * rd;
            if (index) hadamard(g, d);
            turn(g + d - rd, k->cos + angle, k->sin + angle, rd, -1);
            unit_backward(pooled + e * d, unit(pooled + e * d, d, k->eps), weight, g, d, dp, dweight);
            for (int i = 0; i < d; i += 16) {
                vec p, inv = gates(&tokens, x, ld, ape, c * d, i, w, &p), gp = load16(dp + i) * inv;
                for (int j = 0; j < tokens.n; j++) {
                    vec dv = w[j] * gp;
                    long column = tokens.part[j] + i;
                    vec dz = dv * (load16(x + tokens.token[j] * ld + column) - p);
                    bf16 *o = dx + tokens.token[j] * ldx + column;
                    float *b = dape + tokens.slot[j] + i;
                    save16(o, dv);
                    save16(o + c * d, dz);
                    save32(b, load32(b) + dz);
                }
            }
        }
    }
}

/* ---- the core ---- */
/* One block of queries: where its keys are and which of them each query sees. */
typedef struct {
    long first, t0, queries, rows; /* first token of the sequence, first query, queries, rows rounded up to 8 */
    long keys, entries_at;         /* padded number of keys; where the entries begin among them */
    const bf16 **row;              /* [keys] */
    long *place;                   /* [keys] token, or entry, or -1 for padding */
    uint16_t *seen;                /* [queries, keys/16] bit sets */
    uint32_t *columns, *pair_rows; /* the packed keys */
} Block;

static long most_keys(const Shape *k) {
    long most = 0;
    if (k->ratio)
        for (long s = 0; s < k->sequences; s++) {
            long n = k->entry_starts[s + 1] - k->entry_starts[s];
            most = n > most ? n : most;
        }
    if (k->chosen && most > (long)k->topk * BLOCK) most = (long)k->topk * BLOCK;
    return k->window + BLOCK + 15 + most + 15;
}
static Block new_block(const Shape *k, long most) {
    Block b;
    b.row = scratch(most * sizeof(*b.row));
    b.place = scratch(most * sizeof(long));
    b.seen = scratch(BLOCK * (k->window / 16 + 3 + k->words) * sizeof(uint16_t));
    b.columns = scratch(most * k->dim * 2);
    b.pair_rows = scratch(most * k->dim * 2);
    return b;
}
static void free_block(Block b) { free(b.row); free(b.place); free(b.seen); free(b.columns); free(b.pair_rows); }

/* Which of the entries 16 word .. 16 word + 15 does the query at place t see? */
INLINE uint32_t sees(const Shape *k, long first, long t, long word) {
    long visible = (t + 1) / k->ratio;
    return k->chosen && visible > k->topk ? k->chosen[(first + t) * k->words + word] : below(visible - 16 * word);
}
static void gather(const Shape *k, Block *b, const bf16 *kv, const bf16 *entries, long s, long t0) {
    int d = k->dim;
    long length = k->starts[s + 1] - k->starts[s], n = 0;
    b->first = k->starts[s], b->t0 = t0;
    b->queries = length - t0 < BLOCK ? length - t0 : BLOCK;
    b->rows = (b->queries * k->heads + 7) / 8 * 8;
    long low = t0 - k->window + 1 > 0 ? t0 - k->window + 1 : 0, high = t0 + b->queries;
    for (long t = low; t < high; t++, n++) b->row[n] = kv + (b->first + t) * d, b->place[n] = b->first + t;
    for (; n % 16; n++) b->row[n] = zeros, b->place[n] = -1;
    b->entries_at = n;
    long e0 = k->ratio ? k->entry_starts[s] : 0, words = k->ratio ? (high / k->ratio + 15) / 16 : 0;
    /* The entries that any query of the block sees, and each query's own among them. */
    uint16_t *bits = b->seen; /* first as sets over the union, one word after the other */
    long stride = n / 16 + words + 1;
    memset(bits, 0, BLOCK * stride * sizeof(uint16_t));
    for (long w = 0; w < words; w++) {
        uint32_t any = 0, own[BLOCK];
        for (long q = 0; q < b->queries; q++) any |= own[q] = sees(k, b->first, t0 + q, w);
        if (!any) continue;
        for (long q = 0; q < b->queries; q++) {
            uint32_t v = _pext_u32(own[q], any) << n % 16;
            bits[q * stride + n / 16] |= v;
            bits[q * stride + n / 16 + 1] |= v >> 16;
        }
        for (; any; any &= any - 1, n++) {
            long e = e0 + 16 * w + __builtin_ctz(any);
            b->row[n] = entries + e * d, b->place[n] = e;
        }
    }
    for (; n % 16; n++) b->row[n] = zeros, b->place[n] = -1;
    b->keys = n;
    for (long q = 0; q < b->queries; q++) {
        long t = t0 + q, from = t - k->window + 1 > low ? t - k->window + 1 - low : 0, to = t + 1 - low;
        for (long p = 0; p < b->entries_at / 16; p++)
            bits[q * stride + p] = below(to - 16 * p) & ~below(from - 16 * p);
        memmove(bits + q * (n / 16), bits + q * stride, n / 16 * sizeof(uint16_t));
    }
}

/* Queries of a block: norm per head and rotation; rows beyond the last are zero. */
INLINE void query(const Shape *k, const bf16 *q, long position, bf16 *out) {
    int d = k->dim, rd = k->rotated;
    float row[WIDEST];
    vec r = all(unit(q, d, k->eps));
    for (int i = 0; i < d; i += 16) save32(row + i, load16(q + i) * r);
    turn(row + d - rd, k->cos + position * rd, k->sin + position * rd, rd, 1);
    narrow(row, out, d);
}
static void queries(const Shape *k, const Block *b, const bf16 *q, bf16 *out) {
    int d = k->dim, h = k->heads;
    for (long i = 0; i < b->queries * h; i++)
        query(k, q + (b->first + b->t0) * h * d + i * d, b->t0 + i / h, out + i * d);
    memset(out + b->queries * h * d, 0, (b->rows - b->queries * h) * d * sizeof(bf16));
}

/* q [N, heads dim] before its norm, kv [N, dim], entries [E, dim] -> out [N, heads dim] turned back, lse [N, heads] */
void attention_core(const Shape *k, const bf16 *q, const bf16 *kv, const bf16 *entries, const float *sink,
                    bf16 *out, float *lse) {
    int d = k->dim, h = k->heads, rd = k->rotated;
    long most = most_keys(k), rows = (BLOCK * h + 7) / 8 * 8;
    float scale = 1.0f / sqrtf(d);
    Block b = new_block(k, most);
    bf16 *Q = scratch(rows * d * sizeof(bf16)), *P = scratch(rows * most * sizeof(bf16));
    float *S = scratch(rows * most * sizeof(float)), *O = scratch(rows * d * sizeof(float));
    float *norm = scratch(rows * sizeof(float));
    for (long s = 0; s < k->sequences; s++)
        for (long t0 = 0; t0 < k->starts[s + 1] - k->starts[s]; t0 += BLOCK) {
            gather(k, &b, kv, entries, s, t0);
            pack_columns(b.row, b.keys, d, b.columns);
            pack_rows(b.row, b.keys, d, b.pair_rows);
            queries(k, &b, q, Q);
            product(b.rows, b.keys / 16, (uint32_t *)Q, d / 2, 1, b.columns, d / 2, S, b.keys);
            long panels = b.keys / 16;
            for (long i = 0; i < b.queries * h; i++) {
                const uint16_t *seen = b.seen + i / h * panels;
                float *row = S + i * b.keys, logit = sink[i % h];
                vec top = all(-INFINITY), sum = _mm512_setzero_ps();
                for (long p = 0; p < panels; p++)
                    top = _mm512_mask_max_ps(top, seen[p], top, load32(row + 16 * p));
                float largest = fmaxf(_mm512_reduce_max_ps(top) * scale, logit);
                for (long p = 0; p < panels; p++) {
                    vec e = _mm512_maskz_mov_ps(seen[p], vexp(load32(row + 16 * p) * all(scale) - all(largest)));
                    sum += e;
                    save16(P + i * b.keys + 16 * p, e);
                }
                float total = _mm512_reduce_add_ps(sum) + expf(logit - largest);
                norm[i] = 1.0f / total;
                lse[(b.first + t0) * h + i] = largest + logf(total);
            }
            memset(P + b.queries * h * b.keys, 0, (b.rows - b.queries * h) * b.keys * sizeof(bf16));
            product(b.rows, d / 16, (uint32_t *)P, b.keys / 2, 1, b.pair_rows, b.keys / 2, O, d);
            for (long i = 0; i < b.queries * h; i++) {
                long at = (t0 + i / h) * rd;
                for (int c = 0; c < d; c += 16) save32(O + i * d + c, load32(O + i * d + c) * all(norm[i]));
                turn(O + i * d + d - rd, k->cos + at, k->sin + at, rd, -1);
                narrow(O + i * d, out + (b.first + t0) * h * d + i * d, d);
            }
        }
    free_block(b); free(Q); free(P); free(S); free(O); free(norm);
}

/* g is the gradient of out; adds to dkv, dentries (float) and dsink, writes dq. */
void attention_core_backward(const Shape *k, const bf16 *q, const bf16 *kv, const bf16 *entries, const float *sink,
                             const float *lse, const bf16 *g, bf16 *dq, float *dkv, float *dentries, float *dsink) {
    int d = k->dim, h = k->heads, rd = k->rotated;
    long most = most_keys(k), rows = (BLOCK * h + 7) / 8 * 8;
    float scale = 1.0f / sqrtf(d);
    Block b = new_block(k, most);
    bf16 *Q = scratch(rows * d * 2), *G = scratch(rows * d * 2), *dS = scratch(rows * most * 2);
    float *S = scratch(rows * most * 4), *dP = scratch(rows * most * 4), *dQ = scratch(rows * d * 4);
    float *dK = scratch(most * d * 4);
    uint32_t *left = scratch(rows * most * 4), *right = scratch(rows * d * 4);
    for (long s = 0; s < k->sequences; s++)
        for (long t0 = 0; t0 < k->starts[s + 1] - k->starts[s]; t0 += BLOCK) {
            gather(k, &b, kv, entries, s, t0);
            pack_columns(b.row, b.keys, d, b.columns);
            pack_rows(b.row, b.keys, d, b.pair_rows);
            queries(k, &b, q, Q);
            long panels = b.keys / 16, real = b.queries * h;
            for (long i = 0; i < real; i++) {
                float row[WIDEST];
                long at = (t0 + i / h) * rd;
                widen(g + (b.first + t0) * h * d + i * d, row, d);
                turn(row + d - rd, k->cos + at, k->sin + at, rd, 1);
                narrow(row, G + i * d, d);
            }
            memset(G + real * d, 0, (b.rows - real) * d * 2);
            product(b.rows, panels, (uint32_t *)Q, d / 2, 1, b.columns, d / 2, S, b.keys);
            product(b.rows, panels, (uint32_t *)G, d / 2, 1, b.columns, d / 2, dP, b.keys);
            /* Two rows at a time; the left side of dK = dS^T Q + P^T G is dS and P as pairs of rows. */
            for (long i = 0; i < b.rows; i += 2) {
                float delta[2];
                for (long j = i; j < i + 2; j++) {
                    float *row = S + j * b.keys, *grad = dP + j * b.keys;
                    vec dot = _mm512_setzero_ps();
                    if (j >= real) {
                        memset(row, 0, b.keys * 4);
                    } else {
                        const uint16_t *seen = b.seen + j / h * panels;
                        vec down = all(lse[(b.first + t0) * h + j]);
                        for (long p = 0; p < panels; p++) {
                            vec e = _mm512_maskz_mov_ps(seen[p], vexp(load32(row + 16 * p) * all(scale) - down));
                            dot += e * load32(grad + 16 * p);
                            save32(row + 16 * p, e);
                        }
                    }
                    delta[j - i] = _mm512_reduce_add_ps(dot);
                    if (j < real) dsink[j % h] -= expf(sink[j % h] - lse[(b.first + t0) * h + j]) * delta[j - i];
                }
                for (long p = 0; p < b.keys; p += 16) {
                    __m256i prob[2], grad[2];
                    for (int j = 0; j < 2; j++) {
                        vec e = load32(S + (i + j) * b.keys + p);
                        vec ds = e * (load32(dP + (i + j) * b.keys + p) - all(delta[j])) * all(scale);
                        prob[j] = (__m256i)_mm512_cvtneps_pbh(e);
                        grad[j] = (__m256i)_mm512_cvtneps_pbh(ds);
                        _mm256_storeu_si256((void *)(dS + (i + j) * b.keys + p), grad[j]);
                    }
                    _mm512_storeu_si512(left + i / 2 * b.keys + p, pairs(grad[0], grad[1]));
                    _mm512_storeu_si512(left + (b.rows + i) / 2 * b.keys + p, pairs(prob[0], prob[1]));
                }
            }
            product(b.rows, d / 16, (uint32_t *)dS, b.keys / 2, 1, b.pair_rows, b.keys / 2, dQ, d);
            for (long i = 0; i < real; i++) {
                long at = (t0 + i / h) * rd, row = (b.first + t0) * h * d + i * d;
                turn(dQ + i * d + d - rd, k->cos + at, k->sin + at, rd, -1);
                unit_backward(q + row, unit(q + row, d, k->eps), 0, dQ + i * d, d, dq + row, 0);
            }
            pack_matrix(Q, b.rows, d, right, 2 * b.rows);
            pack_matrix(G, b.rows, d, right + b.rows * 8, 2 * b.rows);
            product(b.keys, d / 16, left, 1, b.keys, right, b.rows, dK, d);
            for (long n = 0; n < b.keys; n++) {
                if (b.place[n] < 0) continue;
                float *to = (n < b.entries_at ? dkv : dentries) + b.place[n] * d;
                for (int i = 0; i < d; i += 16) save32(to + i, load32(to + i) + load32(dK + n * d + i));
            }
        }
    free_block(b); free(Q); free(G); free(dS); free(S); free(dP); free(dQ); free(dK); free(left); free(right);
}

/* ---- the indexer: here Shape describes its own heads ---- */
INLINE void index_query(const Shape *k, const bf16 *q, long position, bf16 *out) {
    int d = k->dim, rd = k->rotated;
    float row[WIDEST];
    widen(q, row, d);
    turn(row + d - rd, k->cos + position * rd, k->sin + position * rd, rd, 1);
    hadamard(row, d);
    if (k->quantise) round_fp4(row, d);
    narrow(row, out, d);
}
/* Bits of the `keep` largest of n values; among equals the first. `order` holds n rounded up to 16. */
static void largest(const float *x, long n, int keep, int32_t *order, uint16_t *bits) {
    long panels = (n + 15) / 16;
    for (long p = 0; p < panels; p++) { /* floats as integers of the same order */
        __m512i v = _mm512_loadu_si512(x + 16 * p);
        v = _mm512_xor_si512(v, _mm512_srli_epi32(_mm512_srai_epi32(v, 31), 1));
        v = _mm512_mask_mov_epi32(_mm512_set1_epi32(INT32_MIN), below(n - 16 * p), v);
        _mm512_storeu_si512(order + 16 * p, v);
    }
    int64_t low = INT32_MIN, high = (int64_t)INT32_MAX + 1; /* at least `keep` are >= low, fewer are >= high */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        __m512i limit = _mm512_set1_epi32((int32_t)middle);
        long count = 0;
        for (long p = 0; p < panels; p++)
            count += __builtin_popcount(_mm512_cmpge_epi32_mask(_mm512_loadu_si512(order + 16 * p), limit));
        if (count >= keep) low = middle;
        else high = middle;
        if (count == keep) break;
    }
    long left = keep;
    __m512i limit = _mm512_set1_epi32((int32_t)low);
    for (long p = 0; p < panels; p++)
        left -= __builtin_popcount(bits[p] = _mm512_cmpgt_epi32_mask(_mm512_loadu_si512(order + 16 * p), limit));
    for (long p = 0; p < panels && left; p++)
        for (uint32_t same = _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(order + 16 * p), limit); same && left; left--) {
            bits[p] |= same & -same;
            same &= same - 1;
        }
}
/* q [N, heads dim], weights [N, ld] (heads columns), keys [E, dim] -> chosen bits of queries that see more than topk */
void attention_select(const Shape *k, const bf16 *q, const bf16 *weights, long ld, const bf16 *keys, uint16_t *chosen) {
    int d = k->dim, h = k->heads;
    long most = 16 * k->words, rows = (BLOCK * h + 7) / 8 * 8;
    float scale = 1.0f / sqrtf(d) / sqrtf(h);
    const bf16 **row = scratch(most * sizeof(*row));
    uint32_t *columns = scratch(most * d * 2);
    bf16 *Q = scratch(rows * d * 2);
    float *S = scratch(rows * 48 * 4), *score = scratch(BLOCK * most * 4);
    int32_t *order = scratch(most * 4);
    memset(Q, 0, rows * d * 2);
    for (long s = 0; s < k->sequences; s++) {
        long entries = k->entry_starts[s + 1] - k->entry_starts[s], length = k->starts[s + 1] - k->starts[s];
        if (entries <= k->topk) continue;
        for (long e = 0; e < (entries + 15) / 16 * 16; e++)
            row[e] = e < entries ? keys + (k->entry_starts[s] + e) * d : zeros;
        pack_columns(row, (entries + 15) / 16 * 16, d, columns);
        for (long t0 = (long)k->ratio * (k->topk + 1) - 1; t0 < length; t0 += BLOCK) {
            long n = length - t0 < BLOCK ? length - t0 : BLOCK, panels = ((t0 + n) / k->ratio + 15) / 16;
            const bf16 *first = q + (k->starts[s] + t0) * h * d;
            for (long i = 0; i < n * h; i++) index_query(k, first + i * d, t0 + i / h, Q + i * d);
            for (long p = 0; p < panels; p += 3) {
                long wide = panels - p < 3 ? panels - p : 3;
                product((n * h + 7) / 8 * 8, wide, (uint32_t *)Q, d / 2, 1, columns + p * d * 8, d / 2, S, 48);
                for (long t = 0; t < n; t++)
                    for (long c = 0; c < 16 * wide; c += 16) {
                        vec sum = _mm512_setzero_ps();
                        for (int i = 0; i < h; i++) {
                            uint32_t w = (uint32_t)weights[(k->starts[s] + t0 + t) * ld + i] << 16;
                            float f;
                            memcpy(&f, &w, 4);
                            sum += _mm512_max_ps(load32(S + (t * h + i) * 48 + c), _mm512_setzero_ps()) * all(f * scale);
                        }
                        save32(score + t * most + 16 * p + c, sum);
                    }
            }
            for (long t = 0; t < n; t++) {
                uint16_t *bits = chosen + (k->starts[s] + t0 + t) * k->words;
                memset(bits, 0, k->words * 2);
                largest(score + t * most, (t0 + t + 1) / k->ratio, k->topk, order, bits);
            }
        }
    }
    free(row); free(columns); free(Q); free(S); free(score); free(order);
}

/* Softmax of a row of n logits in place (padding becomes zero); returns its log-sum-exp. */
static float softmax(float *x, long n, float scale) {
    vec top = all(-INFINITY), sum = _mm512_setzero_ps();
    for (long i = 0; i < n; i += 16) top = _mm512_mask_max_ps(top, below(n - i), top, load32(x + i));
    float most = _mm512_reduce_max_ps(top) * scale;
    for (long i = 0; i < n; i += 16) {
        vec e = _mm512_maskz_mov_ps(below(n - i), vexp(load32(x + i) * all(scale) - all(most)));
        sum += e;
        save32(x + i, e);
    }
    float total = _mm512_reduce_add_ps(sum);
    for (long i = 0; i < n; i += 16) save32(x + i, load32(x + i) * all(1.0f / total));
    return most + logf(total);
}
/* The imitation loss on some queries (`tokens`, rising, `count` of them) and its gradients.
   m: the main heads with q [N, heads dim], entries [E, dim]; k: the indexer as in attention_select.
   Returns the mean loss; writes dq [count, heads dim], dweights [count, heads]; adds to dkeys [E, dim]. */
float attention_imitate(const Shape *m, const bf16 *q, const bf16 *entries, const Shape *k, const bf16 *iq,
                        const bf16 *weights, long ld, const bf16 *keys, const int32_t *tokens, long count,
                        bf16 *dq, bf16 *dweights, float *dkeys) {
    int d = k->dim, h = k->heads, rd = k->rotated;
    long most = 16 * k->words, rows = (BLOCK * h + 7) / 8 * 8, main_rows = (BLOCK * m->heads + 7) / 8 * 8;
    long widest = d > m->dim ? d : m->dim;
    float scale = 1.0f / sqrtf(d) / sqrtf(h), main_scale = 1.0f / sqrtf(m->dim);
    double loss = 0;
    const bf16 **row = scratch(most * sizeof(*row));
    uint32_t *columns = scratch(most * widest * 2), *pair_rows = scratch(most * d * 2);
    uint32_t *left = scratch(rows / 2 * most * 4), *right = scratch(rows / 2 * d * 4);
    bf16 *M = scratch(main_rows * m->dim * 2), *Q = scratch(rows * d * 2), *dS = scratch(rows * most * 2);
    float *A = scratch(main_rows * most * 4), *S = scratch(rows * most * 4), *x = scratch(most * 4);
    float *dQ = scratch(rows * d * 4), *dK = scratch(most * d * 4);
    for (long s = 0, c = 0; s < k->sequences; s++)
        while (c < count && tokens[c] < k->starts[s + 1]) {
            long n = 1, first = k->starts[s], e0 = k->entry_starts[s];
            while (n < BLOCK && c + n < count && tokens[c + n] < k->starts[s + 1]) n++;
            long visible = (tokens[c + n - 1] - first + 1) / k->ratio, padded = (visible + 15) / 16 * 16;
            long used = (n * h + 7) / 8 * 8;
            memset(M, 0, main_rows * m->dim * 2);
            memset(Q, 0, rows * d * 2);
            for (long i = 0; i < n; i++) {
                long t = tokens[c + i];
                for (int j = 0; j < m->heads; j++)
                    query(m, q + (t * m->heads + j) * m->dim, t - first, M + (i * m->heads + j) * m->dim);
                for (int j = 0; j < h; j++) index_query(k, iq + (t * h + j) * d, t - first, Q + (i * h + j) * d);
            }
            for (long e = 0; e < padded; e++) row[e] = e < visible ? entries + (e0 + e) * m->dim : zeros;
            pack_columns(row, padded, m->dim, columns);
            product((n * m->heads + 7) / 8 * 8, padded / 16, (uint32_t *)M, m->dim / 2, 1, columns, m->dim / 2, A, padded);
            for (long e = 0; e < padded; e++) row[e] = e < visible ? keys + (e0 + e) * d : zeros;
            pack_columns(row, padded, d, columns);
            pack_rows(row, padded, d, pair_rows);
            product(used, padded / 16, (uint32_t *)Q, d / 2, 1, columns, d / 2, S, padded);
            memset(S + n * h * padded, 0, (used - n * h) * padded * 4);
            for (long i = 0; i < n; i++) {
                long sees = (tokens[c + i] - first + 1) / k->ratio, sees16 = (sees + 15) / 16 * 16;
                float *target = A + i * m->heads * padded, w[WIDEST / 16], dw[WIDEST / 16];
                for (int j = 0; j < m->heads; j++) {
                    softmax(target + j * padded, sees, main_scale);
                    for (long p = 0; j && p < sees16; p += 16)
                        save32(target + p, load32(target + p) + load32(target + j * padded + p));
                }
                for (int j = 0; j < h; j++) {
                    uint32_t bits = (uint32_t)weights[tokens[c + i] * ld + j] << 16;
                    memcpy(w + j, &bits, 4);
                    w[j] *= scale;
                }
                vec dot = _mm512_setzero_ps();
                for (long p = 0; p < sees16; p += 16) {
                    vec sum = _mm512_setzero_ps(), goal = load32(target + p) * all(1.0f / m->heads);
                    for (int j = 0; j < h; j++)
                        sum += _mm512_max_ps(load32(S + (i * h + j) * padded + p), _mm512_setzero_ps()) * all(w[j]);
                    save32(target + p, goal);
                    save32(x + p, sum);
                    dot += goal * sum; /* the target is zero beyond what the query sees */
                }
                loss += softmax(x, sees, 1) - _mm512_reduce_add_ps(dot);
                for (int j = 0; j < h; j++) {
                    float *score = S + (i * h + j) * padded;
                    vec sum = _mm512_setzero_ps();
                    for (long p = 0; p < padded; p += 16) {
                        vec value = load32(score + p), g = _mm512_setzero_ps();
                        if (p < sees16) {
                            g = (load32(x + p) - load32(target + p)) * all(1.0f / count);
                            g = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(value, _mm512_setzero_ps(), _CMP_GT_OQ), g);
                        }
                        sum += g * value;
                        save32(score + p, g * all(w[j]));
                    }
                    dw[j] = _mm512_reduce_add_ps(sum) * scale;
                    __m128bh one = _mm_cvtneps_pbh(_mm_set_ss(dw[j]));
                    memcpy(dweights + (c + i) * h + j, &one, 2);
                }
            }
            for (long i = 0; i < used; i += 2)
                for (long p = 0; p < padded; p += 16) {
                    __m256i even = (__m256i)_mm512_cvtneps_pbh(load32(S + i * padded + p));
                    __m256i odd = (__m256i)_mm512_cvtneps_pbh(load32(S + (i + 1) * padded + p));
                    _mm256_storeu_si256((void *)(dS + i * padded + p), even);
                    _mm256_storeu_si256((void *)(dS + (i + 1) * padded + p), odd);
                    _mm512_storeu_si512(left + i / 2 * padded + p, pairs(even, odd));
                }
            product(used, d / 16, (uint32_t *)dS, padded / 2, 1, pair_rows, padded / 2, dQ, d);
            for (long i = 0; i < n * h; i++) {
                long at = (tokens[c + i / h] - first) * rd;
                hadamard(dQ + i * d, d);
                turn(dQ + i * d + d - rd, k->cos + at, k->sin + at, rd, -1);
                narrow(dQ + i * d, dq + (c * h + i) * d, d);
            }
            pack_matrix(Q, used, d, right, used);
            product(padded, d / 16, left, 1, padded, right, used / 2, dK, d);
            for (long e = 0; e < visible; e++)
                for (int i = 0; i < d; i += 16) {
                    float *to = dkeys + (e0 + e) * d + i;
                    save32(to, load32(to) + load32(dK + e * d + i));
                }
            c += n;
        }
    free(row); free(columns); free(pair_rows); free(left); free(right); free(M); free(Q); free(dS);
    free(A); free(S); free(x); free(dQ); free(dK);
    return loss / count;
}
