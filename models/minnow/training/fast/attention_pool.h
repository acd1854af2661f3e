/* Compressed entries. */
#pragma once
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
