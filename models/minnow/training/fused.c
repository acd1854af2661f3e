/* Training kernels for the parts of the architecture that are many tiny operations:
   hyper-connection mixing, Sinkhorn, rotation. Plain C, float32, four streams.
   `fused.py` compiles this file on first use; without a compiler PyTorch is used. */
#define LANES 16

/* ---- Sinkhorn: m and out are [16, count] (row j, column k, token last) ---- */
typedef float lane __attribute__((vector_size(LANES * 4), aligned(4)));

static inline lane expl16(lane x) {
    lane r;
    for (int i = 0; i < LANES; i++) r[i] = __builtin_expf(x[i]);
    return r;
}
static inline lane max16(lane a, lane b) {
    lane r;
    for (int i = 0; i < LANES; i++) r[i] = a[i] > b[i] ? a[i] : b[i];
    return r;
}

/* One block of tokens; keeps every intermediate so the backward can walk back. */
static void forward_block(lane b[16], int iters, float eps, lane *before, lane *sums, lane soft[16]) {
    for (int j = 0; j < 4; j++) {
        lane top = max16(max16(b[4*j], b[4*j+1]), max16(b[4*j+2], b[4*j+3])), s = {0};
        for (int k = 0; k < 4; k++) { b[4*j+k] = expl16(b[4*j+k] - top); s += b[4*j+k]; }
        for (int k = 0; k < 4; k++) { b[4*j+k] /= s; soft[4*j+k] = b[4*j+k]; b[4*j+k] += eps; }
    }
    for (int step = 0; step < 2 * iters - 1; step++) {
        int rows = step & 1; /* column, then row, column, row, column ... */
        for (int a = 0; a < 4; a++) {
            int base = rows ? 4 * a : a, stride = rows ? 1 : 4;
            lane s = b[base] + b[base+stride] + b[base+2*stride] + b[base+3*stride] + eps;
            lane inv = 1.0f / s;
            for (int c = 0; c < 4; c++) {
                int i = base + c * stride;
                b[i] *= inv;
                if (before) before[step * 16 + i] = b[i];
            }
            if (sums) sums[step * 4 + a] = inv;
        }
    }
}

static void load(lane b[16], const float *m, long count, long at) {
    long n = count - at < LANES ? count - at : LANES;
    for (int i = 0; i < 16; i++)
        for (int l = 0; l < LANES; l++) b[i][l] = l < n ? m[i * count + at + l] : 0.0f;
}
static void save(const lane b[16], float *m, long count, long at) {
    long n = count - at < LANES ? count - at : LANES;
    for (int i = 0; i < 16; i++)
        for (int l = 0; l < n; l++) m[i * count + at + l] = b[i][l];
}

void sinkhorn_forward(const float *m, float *out, long count, int iters, float eps) {
    for (long at = 0; at < count; at += LANES) {
        lane b[16], soft[16];
        load(b, m, count, at);
        forward_block(b, iters, eps, 0, 0, soft);
        save(b, out, count, at);
    }
}

/* y = x / (sum x + eps):  dx = inv * (dy - sum(dy * y)) */
void sinkhorn_backward(const float *m, const float *grad, float *out, long count, int iters, float eps) {
    static __thread lane after[64 * 16], inv[64 * 4];
    for (long at = 0; at < count; at += LANES) {
        lane b[16], soft[16], g[16];
        load(b, m, count, at);
        load(g, grad, count, at);
        forward_block(b, iters, eps, after, inv, soft);
        for (int step = 2 * iters - 2; step >= 0; step--) {
            int rows = step & 1;
            for (int a = 0; a < 4; a++) {
                int base = rows ? 4 * a : a, stride = rows ? 1 : 4;
                lane dot = {0};
                for (int c = 0; c < 4; c++) dot += g[base+c*stride] * after[step*16+base+c*stride];
                for (int c = 0; c < 4; c++) g[base+c*stride] = (g[base+c*stride] - dot) * inv[step*4+a];
            }
        }
        for (int j = 0; j < 4; j++) {
            lane dot = {0};
            for (int k = 0; k < 4; k++) dot += g[4*j+k] * soft[4*j+k];
            for (int k = 0; k < 4; k++) g[4*j+k] = (g[4*j+k] - dot) * soft[4*j+k];
        }
        save(g, out, count, at);
    }
}

/* ---- u = sum_j a_j X_j ---- */
void collapse_forward(const float *a, const float *x, float *u, long count, int d) {
    for (long t = 0; t < count; t++) {
        const float *p = x + t * 4 * d, *w = a + t * 4;
        for (int i = 0; i < d; i++)
            u[t*d+i] = w[0]*p[i] + w[1]*p[d+i] + w[2]*p[2*d+i] + w[3]*p[3*d+i];
    }
}
void collapse_backward(const float *a, const float *x, const float *g, float *da, float *dx, long count, int d) {
    for (long t = 0; t < count; t++) {
        const float *p = x + t * 4 * d, *w = a + t * 4, *gt = g + t * d;
        for (int j = 0; j < 4; j++) {
            float dot = 0, wj = w[j];
            for (int i = 0; i < d; i++) { dot += gt[i] * p[j*d+i]; dx[t*4*d+j*d+i] = wj * gt[i]; }
            da[t*4+j] = dot;
        }
    }
}

/* ---- X'_k = c_k y + sum_j b_jk X_j ; b is [16, count] ---- */
void expand_forward(const float *c, const float *b, const float *x, const float *y, float *out, long count, int d) {
    for (long t = 0; t < count; t++) {
        const float *p = x + t * 4 * d, *yt = y + t * d;
        for (int k = 0; k < 4; k++) {
            float b0 = b[k*count+t], b1 = b[(4+k)*count+t], b2 = b[(8+k)*count+t], b3 = b[(12+k)*count+t], ck = c[t*4+k];
            float *o = out + t * 4 * d + k * d;
            for (int i = 0; i < d; i++)
                o[i] = ck*yt[i] + b0*p[i] + b1*p[d+i] + b2*p[2*d+i] + b3*p[3*d+i];
        }
    }
}
void expand_backward(const float *c, const float *b, const float *x, const float *y, const float *g,
                     float *dc, float *db, float *dx, float *dy, long count, int d) {
    for (long t = 0; t < count; t++) {
        const float *p = x + t * 4 * d, *yt = y + t * d, *gt = g + t * 4 * d, *ct = c + t * 4;
        for (int i = 0; i < d; i++)
            dy[t*d+i] = ct[0]*gt[i] + ct[1]*gt[d+i] + ct[2]*gt[2*d+i] + ct[3]*gt[3*d+i];
        for (int j = 0; j < 4; j++) {
            float b0 = b[(4*j)*count+t], b1 = b[(4*j+1)*count+t], b2 = b[(4*j+2)*count+t], b3 = b[(4*j+3)*count+t];
            float s0 = 0, s1 = 0, s2 = 0, s3 = 0, e = 0;
            const float *gj = gt + j * d;
            float *o = dx + t * 4 * d + j * d;
            for (int i = 0; i < d; i++) {
                float xi = p[j*d+i];
                o[i] = b0*gt[i] + b1*gt[d+i] + b2*gt[2*d+i] + b3*gt[3*d+i];
                s0 += gt[i]*xi; s1 += gt[d+i]*xi; s2 += gt[2*d+i]*xi; s3 += gt[3*d+i]*xi;
                e += gj[i] * yt[i];
            }
            db[(4*j)*count+t] = s0; db[(4*j+1)*count+t] = s1; db[(4*j+2)*count+t] = s2; db[(4*j+3)*count+t] = s3;
            dc[t*4+j] = e;
        }
    }
}

/* ---- rotation of the last rd of d components; x [count, heads, d], tables [period, rd/2] ---- */
void rotate_rows(const float *x, float *out, const float *cs, const float *sn, float sign,
                 long count, long period, int heads, int d, int rd) {
    for (long t = 0; t < count; t++) {
        const float *c = cs + (t % period) * (rd / 2), *s = sn + (t % period) * (rd / 2);
        for (int h = 0; h < heads; h++) {
            const float *p = x + (t * heads + h) * d;
            float *o = out + (t * heads + h) * d;
            for (int i = 0; i < d - rd; i++) o[i] = p[i];
            p += d - rd; o += d - rd;
            for (int i = 0; i < rd / 2; i++) {
                float u = p[2*i], v = p[2*i+1], w = sign * s[i];
                o[2*i] = u * c[i] - v * w;
                o[2*i+1] = u * w + v * c[i];
            }
        }
    }
}
