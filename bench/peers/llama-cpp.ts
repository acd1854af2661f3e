/**
 * How fast llama.cpp runs a GGUF file on the CPU, through its prebuilt binary in npm `node-llama-cpp`. Prints JSON.
 *
 *     node bench/peers/llama-cpp.ts MODEL.gguf --peers FOLDER [--threads 2] [--contexts 512,4096] [--decode 32] [--repeats 3]
 *
 * The file is memory-mapped and weights are repacked at load, as by default. Decoding is given random tokens, so that experts change
 * from token to token even where an untrained model would repeat itself; sampling is greedy and its result is not used.
 */
import { importPeer, peerVersion } from "./peer.ts";
import { medianRates, type Rates, randomTokens, readArguments, type Workload } from "./workload.ts";

const NAME = "node-llama-cpp";

/** Loads the model afresh; one more repeat than asked for warms it up. */
export async function llamaCppRates(model: string, peers: string, { threads, contexts, decode, repeats }: Workload) {
  const { getLlama } = await importPeer(peers, NAME, "dist/index.js");
  const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: threads });
  const loaded = await llama.loadModel({ modelPath: model, gpuLayers: 0 });
  const context = await loaded.createContext({
    contextSize: Math.max(...contexts) + decode + 1,
    batchSize: 512,
    threads: { ideal: threads, min: threads },
  });
  const sequence = context.getSequence();
  const vocabulary = loaded.fileInfo.metadata.deepseek4.vocab_size;

  const once = async (): Promise<Rates> => {
    const prefill: Rates["prefill"][number][] = [];
    const decoded: Rates["decode"][number][] = [];
    for (const tokens of contexts) {
      const ids = randomTokens(tokens + decode, vocabulary);
      await sequence.clearHistory();
      const started = performance.now();
      await sequence.evaluateWithoutGeneratingNewTokens(ids.slice(0, tokens));
      const read = performance.now();
      const steps = sequence.evaluate([ids[tokens]!], { temperature: 0, yieldEogToken: true });
      for (let i = 1; i <= decode; i++) await (i === 1 ? steps.next() : steps.next(ids[tokens + i - 1]));
      const done = performance.now();
      await steps.return();
      prefill.push({ tokens, tokensPerSecond: (1000 * tokens) / (read - started) });
      decoded.push({ context: tokens, tokensPerSecond: (1000 * decode) / (done - read) });
    }
    return { prefill, decode: decoded };
  };
  await once();
  const all: Rates[] = [];
  for (let i = 0; i < repeats; i++) all.push(await once());
  const version = `${peerVersion(peers, NAME)}, llama.cpp ${llama.llamaCppRelease.release}`;
  await llama.dispose();
  return { engine: NAME, version, threads, ...medianRates(all) };
}

if (import.meta.main) {
  const { target, peers, workload } = readArguments("llama-cpp.ts MODEL.gguf --peers FOLDER [options]", {});
  console.log(JSON.stringify(await llamaCppRates(target, peers, workload), undefined, 2));
}
