/* Window and entries: softmax and sums, forward and backward. */
#pragma once
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
