/* Selection of entries, and what the indexer learns from. */
#pragma once
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
