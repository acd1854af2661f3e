/**
 * How fast llama.cpp runs a GGUF file on the CPU when built for this very machine, through its own `llama-bench`. Prints JSON.
 *
 *     node bench/peers/llama-bench.ts MODEL.gguf --peers FOLDER --binary PATH [--threads 2] [--contexts 512,4096] [--decode 32] [--repeats 3]
 *
 * The prebuilt binary of node-llama-cpp starts its threads anew for every token; a build with OpenMP, as is the default, keeps them.
 */
import { child } from "./child.ts";
import { median, type Rates, readArguments, type Workload } from "./workload.ts";

interface Test {
  readonly build_commit: string;
  readonly samples_ts: readonly number[];
}

export async function llamaBenchRates(model: string, binary: string, { threads, contexts, decode, repeats }: Workload) {
  const test = async (...args: (string | number)[]): Promise<Test> => {
    const [first] = JSON.parse(await child(binary, ["-m", model, "-t", threads, "-r", repeats, "-o", "json", ...args].map(String)));
    return first;
  };
  const prefill: Rates["prefill"][number][] = [];
  const decoded: Rates["decode"][number][] = [];
  let version = "";
  for (const context of contexts) {
    const read = await test("-p", context, "-n", 0);
    const written = await test("-p", 0, "-n", decode, "-d", context);
    version = read.build_commit;
    prefill.push({ tokens: context, tokensPerSecond: median(read.samples_ts) });
    decoded.push({ context, tokensPerSecond: median(written.samples_ts) });
  }
  return { engine: "llama-bench", version, threads, prefill, decode: decoded };
}

if (import.meta.main) {
  const { target, workload, values } = readArguments("llama-bench.ts MODEL.gguf --peers FOLDER --binary PATH [options]", {
    binary: { type: "string", default: "llama-bench" },
  });
  console.log(JSON.stringify(await llamaBenchRates(target, values.binary, workload), undefined, 2));
}
