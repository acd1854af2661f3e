import type { AttendOptions, Rows, Store } from "../../ops/index.ts";
import { CpuSelection, type CpuStore, CpuTensor } from "./handles.ts";
import { bit, floatBits, int32, type Recorder } from "./recorder.ts";
import type { Stores } from "./stores.ts";
import { Value } from "./value.ts";
import type { CpuWeight } from "./weights.ts";

/** Heads attended together: they share each loaded row. */
const HEADS_TOGETHER = 8;
/** Entries in one piece of indexer work: some tens of microseconds. */
const ENTRIES_TOGETHER = 512;

/**
 * Room for so many entries of a context, in steps of 512, or an eighth where that is more: programs of one size all over are planned once,
 * and a context that grows by a token seldom needs more.
 */
const roomFor = (entries: number): number => {
  const step = Math.max(512, 2 ** Math.floor(Math.log2(Math.max(1, entries / 8))));
  return step * Math.ceil(entries / step);
};

const storesOf = (stores: readonly Store[] | undefined, rows: Rows): CpuStore[] =>
  stores ? rows.segments.map((s) => stores[s.sequence] as CpuStore) : [];

export function pool(
  r: Recorder,
  stores: Stores,
  values: readonly Store[],
  scores: readonly Store[],
  windows: Rows,
  { ratio, overlap }: { readonly ratio: number; readonly overlap: boolean },
): CpuTensor {
  const used = [...storesOf(values, windows), ...storesOf(scores, windows)];
  const reads = stores.together(used);
  const table: number[] = [];
  for (const s of windows.segments) {
    const [v, c] = [values[s.sequence] as CpuStore, scores[s.sequence] as CpuStore];
    for (let i = 0; i < s.count; i++) {
      const window = s.position + i;
      const before = overlap && window > 0 ? ratio : 0;
      const first = window * ratio - before;
      table.push(v.address(first), c.address(first), before);
    }
  }
  const columns = used[0]!.columns / (overlap ? 2 : 1);
  const out = new CpuTensor(windows.count, columns);
  const scalars = [windows.count, ratio, columns, bit(overlap), bit(r.profile.activations)];
  r.do("pool", windows.count, [out.value], [int32(table)], scalars, { reads });
  return out;
}

/** Indices only for rows that see more than `topK` entries; the others read all. */
export function selectEntries(
  r: Recorder,
  stores: Stores,
  queries: CpuTensor,
  weights: CpuTensor,
  keys: readonly Store[],
  where: Rows,
  { heads, ratio, topK }: { readonly heads: number; readonly ratio: number; readonly topK: number },
): CpuSelection {
  const used = storesOf(keys, where);
  const table = new Int32Array(4 * queries.rows);
  let floats = 0;
  let pieces = 0;
  const reads = stores.together(used);
  for (const s of where.segments)
    for (let i = 0; i < s.count; i++) {
      const complete = Math.floor((s.position + i + 1) / ratio);
      const scored = complete > topK;
      const store = keys[s.sequence] as CpuStore;
      table.set([scored ? store.address(0) : 0, scored ? complete : 0, floats, pieces], 4 * (s.row + i));
      if (!scored) continue;
      floats += 16 * Math.ceil(complete / 16);
      pieces += Math.ceil(complete / ENTRIES_TOGETHER);
    }
  if (pieces === 0) return new CpuSelection(queries.rows, topK, undefined);
  const width = queries.columns / heads;
  const packed = used[0]!.pitch !== 4 * used[0]!.columns;
  let { value } = queries;
  let pitch = 4 * queries.columns;
  if (packed) {
    pitch = r.sizes.packedFP4QueryBytes(heads, width);
    value = new Value(pitch * queries.rows);
    r.do("packQueries", queries.rows, [value], [queries.value], [queries.rows, pitch, heads, width]);
  }
  const found = new Value(4 * roomFor(floats));
  const seen = int32(table);
  const scalars = [queries.rows, heads, width, pitch, bit(packed), bit(r.profile.indexScores), ENTRIES_TOGETHER, pieces];
  r.do("scores", -1, [found], [value, weights.value, seen], scalars, { reads });
  const indices = new Value(4 * topK * queries.rows);
  const scratch = new Value(r.sizes.topKScratchBytes * r.threads);
  r.do("topK", queries.rows, [indices, scratch], [found, seen], [queries.rows, topK, r.sizes.topKScratchBytes]);
  return new CpuSelection(queries.rows, topK, indices);
}

export function attend(r: Recorder, stores: Stores, queries: CpuTensor, where: Rows, o: AttendOptions): CpuTensor {
  const reads = stores.together([...storesOf(o.window, where), ...storesOf(o.entries, where)]);
  const selection = o.selection as CpuSelection | undefined;
  const table = new Int32Array(5 * queries.rows);
  let most = 0;
  for (const s of where.segments) {
    const window = o.window[s.sequence] as CpuStore;
    const entries = o.entries?.[s.sequence] as CpuStore | undefined;
    for (let i = 0; i < s.count; i++) {
      const t = s.position + i;
      const first = Math.max(0, t - o.windowSize + 1);
      const complete = entries && o.ratio ? Math.floor((t + 1) / o.ratio) : 0;
      const chosen = selection !== undefined && complete > selection.topK;
      const seen = chosen ? selection.topK : complete;
      table.set([window.address(first), t - first + 1, complete > 0 ? entries!.address(0) : 0, seen, bit(chosen)], 5 * (s.row + i));
      most = Math.max(most, t - first + 1 + seen);
    }
  }
  const out = new CpuTensor(queries.rows, queries.columns);
  const scratchBytes = r.sizes.attendScratchBytes(roomFor(most));
  const scratch = new Value(scratchBytes * r.threads);
  const seen = int32(table);
  const { probabilities, activations } = r.profile;
  const scalars = [
    ...[queries.rows, o.heads, queries.columns / o.heads, selection?.topK ?? 0, (o.sink as CpuWeight).data, floatBits(o.scale)],
    ...[bit(probabilities), bit(activations), scratchBytes, HEADS_TOGETHER],
  ];
  r.do("attend", -1, [out.value, scratch], [queries.value, seen, selection?.indices ?? seen], scalars, { reads });
  return out;
}
