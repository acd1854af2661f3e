import type { MergeTable } from "./merge-table.ts";

/** Positions fit in 26 bits (64 Mi bytes), ranks in 20: together less than the 53 bits of a float64. */
const POSITION_RANGE = 2 ** 26;

/**
 * Byte pair encoding of one piece: starting from single bytes, apply the lowest-ranked merge, leftmost first, until none applies.
 * The tokens form a linked list and the candidate merges a binary heap, so a piece of n bytes takes O(n log n) steps, a megabyte of
 * one letter included; candidates made stale by a neighbouring merge are recognised when they come up.
 *
 * @param bytes the piece, not empty, shorter than 64 Mi bytes.
 * @param byteIds token id of each of the 256 single bytes.
 */
export function bytePairEncode(bytes: Uint8Array, byteIds: Int32Array, merges: MergeTable): number[] {
  const n = bytes.length;
  if (n === 1) return [byteIds[bytes[0]!]!];
  const ids = Int32Array.from(bytes, (byte) => byteIds[byte]!);
  const next = new Int32Array(n);
  const previous = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
  }

  const heap: number[] = [];
  const propose = (at: number): void => {
    if (at < 0 || next[at]! >= n) return;
    const rank = merges.rank(ids[at]!, ids[next[at]!]!);
    if (rank >= 0) heapPush(heap, rank * POSITION_RANGE + at);
  };
  for (let i = 0; i < n - 1; i++) propose(i);

  while (heap.length > 0) {
    const top = heapPop(heap);
    const at = top % POSITION_RANGE;
    const rank = (top - at) / POSITION_RANGE;
    const right = next[at]!;
    if (ids[at]! < 0 || right >= n || merges.rank(ids[at]!, ids[right]!) !== rank) continue;
    ids[at] = merges.result[rank]!;
    ids[right] = -1;
    next[at] = next[right]!;
    if (next[at]! < n) previous[next[at]!] = at;
    propose(previous[at]!);
    propose(at);
  }

  const out: number[] = [];
  for (let i = 0; i < n; i = next[i]!) out.push(ids[i]!);
  return out;
}

function heapPush(heap: number[], value: number): void {
  let i = heap.length;
  heap.push(value);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = value;
}

function heapPop(heap: number[]): number {
  const top = heap[0]!;
  const value = heap.pop()!;
  const n = heap.length;
  if (n === 0) return top;
  let i = 0;
  for (let child = 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = value;
  return top;
}
