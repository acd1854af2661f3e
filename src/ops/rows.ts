/**
 * Several sequences step together in one batch: their rows are stacked, and a `Rows` says which rows belong to
 * which sequence and at which absolute position. Everything position-dependent reads it, so a chunk of a prefill,
 * a single decoded token and a batch of both are the same case.
 */

/** `count` consecutive rows of one sequence, starting at stacked row `row` and at absolute index `position` of that sequence. */
export interface Segment {
  /** Index into the per-sequence stores handed along with the rows. */
  readonly sequence: number;
  readonly row: number;
  readonly count: number;
  readonly position: number;
}

export interface Rows {
  readonly count: number;
  readonly segments: readonly Segment[];
  /** Rotary position of each stacked row. */
  readonly positions: Int32Array;
}

/** Rows of new tokens: `lengths[i]` tokens of sequence i, which already holds `starts[i]`. */
export function tokenRows(starts: readonly number[], lengths: readonly number[]): Rows {
  const segments: Segment[] = [];
  let row = 0;
  for (const [sequence, count] of lengths.entries()) {
    segments.push({ sequence, row, count, position: starts[sequence]! });
    row += count;
  }
  const positions = new Int32Array(row);
  for (const s of segments) for (let i = 0; i < s.count; i++) positions[s.row + i] = s.position + i;
  return { count: row, segments, positions };
}

/**
 * Compression windows of `ratio` tokens that the given token rows complete. Row i of a segment is entry
 * `position + i` of its sequence; its rotary position is that of the window's first token.
 */
export function completedWindows(tokens: Rows, ratio: number): Rows {
  const segments: Segment[] = [];
  let row = 0;
  for (const s of tokens.segments) {
    const first = Math.floor(s.position / ratio);
    const count = Math.floor((s.position + s.count) / ratio) - first;
    if (count > 0) segments.push({ sequence: s.sequence, row, count, position: first });
    row += Math.max(count, 0);
  }
  const positions = new Int32Array(row);
  for (const s of segments) for (let i = 0; i < s.count; i++) positions[s.row + i] = (s.position + i) * ratio;
  return { count: row, segments, positions };
}
