/** How fast Tandem itself runs a checkpoint: `tandem bench`, as anyone would call it. */
import { join } from "node:path";
import { nodeChild } from "./child.ts";
import type { Rates } from "./workload.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");

export async function tandemRates(checkpoint: string, options: { readonly threads: number; readonly numerics: string }): Promise<Rates> {
  const { threads, numerics } = options;
  const printed = await nodeChild(MAIN, ["bench", checkpoint, "--json", "--threads", `${threads}`, "--numerics", numerics]);
  const { prefill, decode } = JSON.parse(printed) as Rates;
  return { prefill, decode };
}
