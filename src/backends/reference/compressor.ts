import type { Rows } from "../../ops/index.ts";
import { type RowStore, Values } from "./values.ts";

/**
 * e_c = Σ_rows value[row, c] · softmax_rows(score[:, c]). With overlap (CSA) the window's own rows use the second half
 * of their columns and the previous window's rows the first half; window 0 has no previous rows.
 */
export function pool(values: readonly RowStore[], scores: readonly RowStore[], windows: Rows, ratio: number, overlap: boolean): Values {
  const stored = values[windows.segments[0]!.sequence]!.columns;
  const width = overlap ? stored / 2 : stored;
  const out = new Values(windows.count, width);
  for (const segment of windows.segments) {
    const [value, score] = [values[segment.sequence]!, scores[segment.sequence]!];
    for (let i = 0; i < segment.count; i++) {
      const window = segment.position + i;
      const first = (window - (overlap && window > 0 ? 1 : 0)) * ratio;
      const rows: [Float64Array, Float64Array][] = [];
      for (let t = first; t < (window + 1) * ratio; t++) {
        const half = overlap && t >= window * ratio ? width : 0;
        rows.push([value.row(t).subarray(half, half + width), score.row(t).subarray(half, half + width)]);
      }
      poolChannels(rows, out.data.subarray((segment.row + i) * width, (segment.row + i + 1) * width));
    }
  }
  return out;
}

function poolChannels(rows: readonly [values: Float64Array, scores: Float64Array][], out: Float64Array): void {
  for (let c = 0; c < out.length; c++) {
    let max = Number.NEGATIVE_INFINITY;
    for (const [, score] of rows) max = Math.max(max, score[c]!);
    let sum = 0;
    let total = 0;
    for (const [value, score] of rows) {
      const e = Math.exp(score[c]! - max);
      sum += e * value[c]!;
      total += e;
    }
    out[c] = sum / total;
  }
}
