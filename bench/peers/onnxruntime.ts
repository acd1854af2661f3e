/**
 * How fast ONNX Runtime, the engine under transformers.js, runs the matrix products of a model. Prints JSON.
 *
 *     node bench/peers/onnxruntime.ts STACK.onnx --peers FOLDER [--runtime web|node] [--threads 2] [--contexts 512] [--decode 32] [--repeats 3]
 *
 * STACK.onnx comes from onnx-stack.py. `web` is the WebAssembly build that transformers.js uses in a page, here in this process;
 * `node` is the native library that it uses in Node. There is no attention in the graph, so a context only sets the prompt's length.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { importPeer, peerVersion } from "./peer.ts";
import { medianRates, type Rates, readArguments, type Workload } from "./workload.ts";

const RUNTIMES = {
  web: { name: "onnxruntime-web", file: "dist/ort.node.min.mjs", provider: "wasm" },
  node: { name: "onnxruntime-node", file: "dist/index.js", provider: "cpu" },
} as const;

export async function onnxRates(model: string, peers: string, runtime: keyof typeof RUNTIMES, workload: Workload) {
  const { name, file, provider } = RUNTIMES[runtime];
  const { threads, contexts, decode, repeats } = workload;
  const imported = await importPeer(peers, name, file);
  const ort = imported.InferenceSession ? imported : imported.default;
  if (runtime === "web") ort.env.wasm.numThreads = threads;
  const data = `${model}.data`;
  const session = await ort.InferenceSession.create(runtime === "web" ? await readFile(model) : model, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    ...(runtime === "web" && { externalData: [{ path: basename(data), data: await readFile(data) }] }),
  });
  const hidden = session.inputMetadata[0].shape[1] as number;

  /** Milliseconds for one run over so many tokens. */
  const time = async (tokens: number): Promise<number> => {
    const x = new ort.Tensor(
      "float32",
      Float32Array.from({ length: tokens * hidden }, (_, i) => Math.sin(i)),
      [tokens, hidden],
    );
    const started = performance.now();
    await session.run({ x });
    return performance.now() - started;
  };
  const once = async (): Promise<Rates> => {
    const prefill: Rates["prefill"][number][] = [];
    const decoded: Rates["decode"][number][] = [];
    for (const tokens of contexts) {
      prefill.push({ tokens, tokensPerSecond: (1000 * tokens) / (await time(tokens)) });
      let ms = 0;
      for (let i = 0; i < decode; i++) ms += await time(1);
      decoded.push({ context: tokens, tokensPerSecond: (1000 * decode) / ms });
    }
    return { prefill, decode: decoded };
  };
  await once();
  const all: Rates[] = [];
  for (let i = 0; i < repeats; i++) all.push(await once());
  await session.release();
  return { engine: name, version: peerVersion(peers, name), threads, ...medianRates(all) };
}

if (import.meta.main) {
  const { target, peers, workload, values } = readArguments("onnxruntime.ts STACK.onnx --peers FOLDER [options]", {
    runtime: { type: "string", default: "web" },
  });
  console.log(JSON.stringify(await onnxRates(target, peers, values.runtime as keyof typeof RUNTIMES, workload), undefined, 2));
  // The WebAssembly build keeps its threads alive.
  process.exit(0);
}
