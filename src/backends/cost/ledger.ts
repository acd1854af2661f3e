/** What one kind of work costs. FLOPs count multiply and add as two; bytes are those that must cross the memory bus once. */
export interface CostLine {
  /** The place in the model: a linear kind, "attention", "indexer", "hyper-connections", "embedding", or what a store holds, for rows written to it. */
  readonly site: string;
  /** Formats multiplied, weight or key first: "E2M1×E4M3". */
  readonly formats: string;
  flops: number;
  weightBytes: number;
  cacheBytesRead: number;
  cacheBytesWritten: number;
}

/** Running totals, one line per site and pair of formats. */
export class Ledger {
  readonly #lines = new Map<string, CostLine>();

  add(site: string, formats: string, cost: Partial<Omit<CostLine, "site" | "formats">>): void {
    const key = `${site} ${formats}`;
    let line = this.#lines.get(key);
    if (!line) this.#lines.set(key, (line = { site, formats, flops: 0, weightBytes: 0, cacheBytesRead: 0, cacheBytesWritten: 0 }));
    line.flops += cost.flops ?? 0;
    line.weightBytes += cost.weightBytes ?? 0;
    line.cacheBytesRead += cost.cacheBytesRead ?? 0;
    line.cacheBytesWritten += cost.cacheBytesWritten ?? 0;
  }

  get lines(): readonly CostLine[] {
    return [...this.#lines.values()];
  }

  clear(): void {
    this.#lines.clear();
  }
}
