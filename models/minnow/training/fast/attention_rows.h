/* What is done to one row: norm, rotation, rounding, Hadamard transform; the latents. */
#pragma once
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
