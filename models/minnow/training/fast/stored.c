/* Float32 masters -> the values their stored formats hold, as BF16 (which holds them exactly). The same numbers as quant.py. */
#pragma GCC optimize("no-reciprocal-math")
#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t bits_of(float x) { uint32_t u; memcpy(&u, &x, 4); return u; }
static inline float float_of(uint32_t u) { float x; memcpy(&x, &u, 4); return x; }

/* Smallest power of two >= x. */
static inline float ceil_pow2(float x) {
    uint32_t u = bits_of(x);
    return float_of(((u >> 23) + ((u & 0x7FFFFF) != 0)) << 23);
}

/* Nearest value (ties to even) of a small float whose smallest normal is 2^least, with `mantissa` bits. */
static inline float round_to(float x, int least, int mantissa) {
    uint32_t e = bits_of(x) & 0x7F800000, lowest = (uint32_t)(127 + least) << 23;
    float step = float_of((e < lowest ? lowest : e) - ((uint32_t)mantissa << 23));
    return rintf(x / step) * step;
}

static inline float clamp(float x, float limit) { return x > limit ? limit : x < -limit ? -limit : x; }

static inline uint16_t exact_bf16(float x) { return (uint16_t)(bits_of(x) >> 16); }

/* E2M1 in groups of 32 along rows. */
void stored_fp4(const float *w, uint16_t *out, long count) {
    for (long g = 0; g < count; g += 32) {
        float top = 1e-8f;
        for (int i = 0; i < 32; i++) { float a = fabsf(w[g + i]); top = a > top ? a : top; }
        float scale = ceil_pow2(top / 6.0f);
        for (int i = 0; i < 32; i++) {
            float x = clamp(w[g + i] / scale, 6.0f);
            out[g + i] = exact_bf16(round_to(x, 0, 1) * scale);
        }
    }
}

/* E4M3 in blocks of 128 x 128, or of all rows where there are fewer. */
void stored_fp8(const float *w, uint16_t *out, long rows, long cols) {
    long high = rows < 128 ? rows : 128;
    for (long r = 0; r < rows; r += high)
        for (long c = 0; c < cols; c += 128) {
            float top = 1e-8f;
            for (long i = r; i < r + high; i++)
                for (long j = c; j < c + 128; j++) { float a = fabsf(w[i * cols + j]); top = a > top ? a : top; }
            float scale = ceil_pow2(top / 448.0f);
            for (long i = r; i < r + high; i++)
                for (long j = c; j < c + 128; j++) {
                    float x = clamp(w[i * cols + j] / scale, 448.0f);
                    out[i * cols + j] = exact_bf16(round_to(x, -6, 3) * scale);
                }
        }
}
