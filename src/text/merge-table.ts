/**
 * The merges of a BPE vocabulary, looked up by the pair of ids they join. Grouped by left id, sorted by right id and searched by
 * bisection rather than hashed, so that no file, however crafted, can make a look-up or the construction slow.
 */
export class MergeTable {
  /** Merge `rank` produces the token `result[rank]`; lower ranks are applied first. */
  readonly result: Int32Array;
  /** Merges with left id `l` are entries `#start[l]` to `#start[l + 1]` of `#right` and `#rank`. */
  readonly #start: Uint32Array;
  readonly #right: Int32Array;
  readonly #rank: Int32Array;

  /** @param size number of ids, at most 2^20. @param left, right, result ids of each merge, in order of rank; at most 2^20 merges. */
  constructor(size: number, left: Int32Array, right: Int32Array, result: Int32Array) {
    this.result = result;
    this.#start = new Uint32Array(size + 1);
    for (const id of left) this.#start[id + 1]!++;
    for (let id = 0; id < size; id++) this.#start[id + 1]! += this.#start[id]!;

    // Right id and rank share one float64 (20 + 20 bits of its 53), so a plain numeric sort orders each group.
    const fill = this.#start.slice();
    const keys = new Float64Array(left.length);
    for (let rank = 0; rank < left.length; rank++) keys[fill[left[rank]!]!++] = right[rank]! * 2 ** 20 + rank;
    for (let id = 0; id < size; id++) keys.subarray(this.#start[id], this.#start[id + 1]).sort();
    this.#right = Int32Array.from(keys, (key) => Math.floor(key / 2 ** 20));
    this.#rank = Int32Array.from(keys, (key) => key % 2 ** 20);
  }

  /** Rank of the merge of `left` and `right`, or -1. If a pair is listed twice, the later listing counts. */
  rank(left: number, right: number): number {
    let low = this.#start[left]!;
    let high = this.#start[left + 1]!;
    const first = low;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#right[middle]! <= right) low = middle + 1;
      else high = middle;
    }
    return low > first && this.#right[low - 1] === right ? this.#rank[low - 1]! : -1;
  }
}
