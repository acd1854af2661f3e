/* From the first linear layer to query latent and keys. */
#pragma once
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
