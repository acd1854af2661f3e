import type { AttendOptions, Rows } from "../../ops/index.ts";
import { type LoadedWeight, type RowStore, SelectedEntries, Values } from "./values.ts";

type Round = (v: number) => number;

/** I_w = Σ_h weight_h · relu(q_h · key_w) for entries complete at each query; the largest `topK`, ties to the lower index. */
export function selectEntries(
  queries: Values,
  weights: Values,
  keys: readonly RowStore[],
  where: Rows,
  o: { readonly heads: number; readonly ratio: number; readonly topK: number },
  round: Round,
): SelectedEntries {
  const entries: (Int32Array | undefined)[] = [];
  const width = queries.columns / o.heads;
  for (const segment of where.segments) {
    for (let i = 0; i < segment.count; i++) {
      const complete = Math.floor((segment.position + i + 1) / o.ratio);
      if (complete <= o.topK) {
        entries[segment.row + i] = undefined;
        continue;
      }
      const row = segment.row + i;
      const scores = new Float64Array(complete);
      for (let w = 0; w < complete; w++) {
        const key = keys[segment.sequence]!.row(w);
        for (let h = 0; h < o.heads; h++) {
          const at = row * queries.columns + h * width;
          let dot = 0;
          for (let c = 0; c < width; c++) dot += queries.data[at + c]! * key[c]!;
          scores[w]! += round(Math.max(round(dot), 0) * weights.data[row * o.heads + h]!);
        }
        scores[w] = round(scores[w]!);
      }
      entries[row] = largest(scores, o.topK);
    }
  }
  return new SelectedEntries(entries);
}

/** Indices of the k largest values, in ascending order; equal values go to the lower index. */
export function largest(values: Float64Array, k: number): Int32Array {
  const order = Int32Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  return order.subarray(0, k).sort();
}

/** s_i = scale · q_h · kv_i;  o_h = Σ e^{s_i} kv_i / (Σ e^{s_i} + e^{sink_h}) over window and compressed rows together. */
export function attend(queries: Values, where: Rows, o: AttendOptions, round: Round): Values {
  const out = new Values(queries.rows, queries.columns);
  const width = queries.columns / o.heads;
  const sink = (o.sink as LoadedWeight).data;
  const selection = o.selection as SelectedEntries | undefined;
  for (const segment of where.segments) {
    const window = o.window[segment.sequence] as RowStore;
    const entries = o.entries?.[segment.sequence] as RowStore | undefined;
    for (let i = 0; i < segment.count; i++) {
      const t = segment.position + i;
      const row = segment.row + i;
      const visible = visibleRows(window, entries, t, o, selection?.entries[row]);
      for (let h = 0; h < o.heads; h++) {
        const at = row * queries.columns + h * width;
        attendHead(queries.data.subarray(at, at + width), visible, o.scale, sink[h]!, out.data.subarray(at, at + width), round);
      }
    }
  }
  return out;
}

function visibleRows(
  window: RowStore,
  entries: RowStore | undefined,
  t: number,
  o: AttendOptions,
  selected: Int32Array | undefined,
): Float64Array[] {
  const rows: Float64Array[] = [];
  for (let s = Math.max(0, t - o.windowSize + 1); s <= t; s++) rows.push(window.row(s));
  if (!entries || !o.ratio) return rows;
  if (selected) for (const w of selected) rows.push(entries.row(w));
  else for (let w = 0; w < Math.floor((t + 1) / o.ratio); w++) rows.push(entries.row(w));
  return rows;
}

/** The denominator sums unrounded probabilities and takes the sink in at the end; the running maximum leaves it out. */
function attendHead(q: Float64Array, rows: readonly Float64Array[], scale: number, sink: number, out: Float64Array, round: Round): void {
  const scores = new Float64Array(rows.length);
  let max = Number.NEGATIVE_INFINITY;
  for (const [i, row] of rows.entries()) {
    let dot = 0;
    for (let c = 0; c < q.length; c++) dot += q[c]! * row[c]!;
    scores[i] = dot * scale;
    max = Math.max(max, scores[i]!);
  }
  let total = Math.exp(sink - max);
  for (const [i, row] of rows.entries()) {
    const e = Math.exp(scores[i]! - max);
    const p = round(e);
    total += e;
    for (let c = 0; c < out.length; c++) out[c]! += p * row[c]!;
  }
  for (let c = 0; c < out.length; c++) out[c]! /= total;
}
