import { Values } from "./values.ts";

/** w · x / sqrt(mean(x²) + eps) over each of `groups` parts. `step` rounds every intermediate, for chips (and the official query norm) that work in a narrow format. */
export function rmsNorm(x: Values, weight: Float32Array | undefined, eps: number, groups: number, step?: (v: number) => number): Values {
  const out = new Values(x.rows, x.columns);
  const width = x.columns / groups;
  for (let at = 0; at < x.data.length; at += width) {
    let sum = 0;
    for (let i = at; i < at + width; i++) {
      const square = x.data[i]! ** 2;
      sum += step ? step(square) : square;
    }
    const inverse = step ? step(1 / Math.sqrt(step(step(sum / width) + eps))) : 1 / Math.sqrt(sum / width + eps);
    for (let i = 0; i < width; i++) out.data[at + i] = x.data[at + i]! * inverse * (weight ? weight[i]! : 1);
  }
  return out;
}

/** Rotates pairs (2i, 2i+1) of the last 2·f.length columns of each head by the fp32 angle position · f[i]. */
export function rope(x: Values, positions: Int32Array, f: Float32Array, heads: number, inverse: boolean): Values {
  const out = new Values(x.rows, x.columns, x.data.slice());
  const width = x.columns / heads;
  for (let n = 0; n < x.rows; n++) {
    for (let i = 0; i < f.length; i++) {
      const angle = Math.fround(positions[n]! * f[i]!);
      const cos = Math.cos(angle);
      const sin = inverse ? -Math.sin(angle) : Math.sin(angle);
      for (let h = 0; h < heads; h++) {
        const at = n * x.columns + (h + 1) * width - 2 * f.length + 2 * i;
        const [a, b] = [x.data[at]!, x.data[at + 1]!];
        out.data[at] = a * cos - b * sin;
        out.data[at + 1] = a * sin + b * cos;
      }
    }
  }
  return out;
}

/** Walsh–Hadamard transform in Sylvester order, butterflies (a, b) → (a + b, a − b), divided by √width. */
export function hadamard(x: Values, heads: number): Values {
  const out = new Values(x.rows, x.columns, x.data.slice());
  const d = out.data;
  const width = x.columns / heads;
  const norm = 1 / Math.sqrt(width);
  for (let head = 0; head < d.length; head += width) {
    for (let stride = 1; stride < width; stride *= 2) {
      for (let i = head; i < head + width; i += 2 * stride) {
        for (let j = i; j < i + stride; j++) {
          const [a, b] = [d[j]!, d[j + stride]!];
          d[j] = a + b;
          d[j + stride] = a - b;
        }
      }
    }
  }
  for (let i = 0; i < d.length; i++) d[i]! *= norm;
  return out;
}

const silu = (v: number) => v / (1 + Math.exp(-v));

/** silu(min(g, L)) · clamp(u, −L, L). The gate has no lower clamp. */
export function swiglu(gate: Values, up: Values, limit: number): Values {
  const out = new Values(gate.rows, gate.columns);
  for (let i = 0; i < out.data.length; i++) {
    const u = Math.min(Math.max(up.data[i]!, -limit), limit);
    out.data[i] = silu(Math.min(gate.data[i]!, limit)) * u;
  }
  return out;
}
