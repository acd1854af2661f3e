/** How fast Tandem itself runs a checkpoint: `tandem bench`, as anyone would call it. */
import { join } from "node:path";
import { nodeChild } from "./child.ts";
import type { Rates } from "./workload.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");

export interface TandemOptions {
  readonly threads: number;
  readonly numerics: string;
  /** Lengths of the prompts read, and of the contexts decoded in. */
  readonly contexts: readonly number[];
}

export async function tandemRates(checkpoint: string, { threads, numerics, contexts }: TandemOptions): Promise<Rates> {
  const lengths = contexts.join(",");
  const same = ["--contexts", lengths, "--prefill", lengths, "--quick"];
  const printed = await nodeChild(MAIN, ["bench", checkpoint, "--json", "--threads", `${threads}`, "--numerics", numerics, ...same]);
  const { prefill, decode } = JSON.parse(printed) as Rates;
  return { prefill, decode };
}
