/* Newton-Schulz iterations of Muon, one matrix after the other so that each stays in
   the second-level cache. Worked on as tall matrices, for which no product needs a
   transposed operand: S = X'X, P = b S + c S S, X = a X + X P. Sides are multiples of 32.
   Needs AVX512F/BW/VL/DQ and AVX512-BF16. */
#include "tiles.h"

/* 8 x 8 values, transposed: three rounds of interleaving row i with row i + 4. */
INLINE void flip(bf16 *out, long out_stride, const bf16 *in, long in_stride) {
    __m128i v[8], w[8];
    for (int i = 0; i < 8; i++) v[i] = _mm_loadu_si128((const void *)(in + i * in_stride));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) {
            w[2 * i] = _mm_unpacklo_epi16(v[i], v[i + 4]);
            w[2 * i + 1] = _mm_unpackhi_epi16(v[i], v[i + 4]);
        }
        memcpy(v, w, sizeof v);
    }
    for (int i = 0; i < 8; i++) _mm_storeu_si128((void *)(out + i * out_stride), v[i]);
}
static void transpose(bf16 *out, const bf16 *in, long rows, long columns) {
    for (long r = 0; r < rows; r += 8)
        for (long c = 0; c < columns; c += 8) flip(out + c * rows + r, rows, in + r * columns + c, columns);
}

/* out = a seed + b sums; a tile of 8 x 32. */
INLINE void store(bf16 *out, const bf16 *seed, float a, float b, const __m512 s[16], long stride) {
    for (int i = 0; i < 16; i++) {
        long at = i / 2 * stride + i % 2 * 16;
        __m512 v = s[i] * all(b);
        if (seed) v = fma16(all(a), widen(seed + at), v);
        narrow(out + at, v);
    }
}
/* Symmetric results are computed on and above the diagonal's panels only. */
static void mirror(bf16 *s, long n) {
    for (long r = PANEL; r < n; r += 8)
        for (long c = 0; c < r / PANEL * PANEL; c += 8) flip(s + r * n + c, n, s + c * n + r, n);
}

/* g [count, rows, columns] float -> out, BF16. */
void muon_orthogonalise(const float *g, bf16 *out, long count, long rows, long columns, int steps, float a, float b, float c) {
    long size = rows * columns, m = rows > columns ? rows : columns, n = size / m;
    bf16 *x = scratch(size * 2), *y = scratch(size * 2), *s = scratch(n * n * 2), *p = scratch(n * n * 2);
    pair *packed = scratch(size * 2), *square = scratch(n * n * 2);
    for (long i = 0; i < count; i++, g += size, out += size) {
        __m512 sum = zero();
        for (long k = 0; k < size; k += 16) { __m512 v = _mm512_loadu_ps(g + k); sum = fma16(v, v, sum); }
        __m512 unit = all(1 / (__builtin_sqrtf(total(sum)) + 1e-7f));
        bf16 *start = rows < columns ? y : x;
        for (long k = 0; k < size; k += 16) narrow(start + k, _mm512_loadu_ps(g + k) * unit);
        if (rows < columns) transpose(x, y, rows, columns);
        for (int step = 0; step < steps; step++) {
            __m512 t[16];
            pack_rows(packed, x, n, m, n);
            for (long col = 0; col < n; col += PANEL)
                for (long row = 0; row < col + PANEL; row += 8) {
                    tile_zero(t);
                    tile(t, packed + row / PANEL * PANEL * (m / 2) + row % PANEL, 1, PANEL, packed + col * (m / 2), m / 2);
                    store(s + row * n + col, 0, 0, 1, t, n);
                }
            mirror(s, n);
            pack_rows(square, s, n, n, n);
            for (long col = 0; col < n; col += PANEL)
                for (long row = 0; row < col + PANEL; row += 8) {
                    tile_zero(t);
                    tile(t, (const pair *)(s + row * n), n / 2, 1, square + col * (n / 2), n / 2);
                    store(p + row * n + col, s + row * n + col, b, c, t, n);
                }
            mirror(p, n);
            pack_rows(square, p, n, n, n);
            for (long col = 0; col < n; col += PANEL)
                for (long row = 0; row < m; row += 8) {
                    tile_zero(t);
                    tile(t, (const pair *)(x + row * n), n / 2, 1, square + col * (n / 2), n / 2);
                    store(y + row * n + col, x + row * n + col, a, 1, t, n);
                }
            bf16 *swap = x;
            x = y;
            y = swap;
        }
        if (rows < columns) transpose(out, x, m, n);
        else memcpy(out, x, size * 2);
    }
    free(x); free(y); free(s); free(p); free(packed); free(square);
}
