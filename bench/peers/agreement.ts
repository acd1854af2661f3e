/**
 * Do Tandem and llama.cpp run the same model? Next-token logits of both for the same tokens, position by position:
 *
 *     node bench/peers/agreement.ts CHECKPOINT --peers FOLDER --gguf MODEL.gguf [--contexts 300] [--numerics float]
 *
 * MODEL.gguf comes from gguf-from-checkpoint.ts. Differences come from Q8_0 weights and activations, the F16 cache and other rounding
 * there; a wrong tensor, key or transposition would leave nothing in common. Speed ratios mean something only if this agrees.
 */
import { Engine } from "../../src/engine/index.ts";
import { importPeer } from "./peer.ts";
import { median, randomTokens, readArguments } from "./workload.ts";

const { target, peers, workload, values } = readArguments("agreement.ts CHECKPOINT --peers FOLDER --gguf MODEL.gguf [options]", {
  gguf: { type: "string", default: "" },
  numerics: { type: "string", default: "float" },
});
const [count] = workload.contexts;

const engine = await Engine.load(target, { numerics: values.numerics, text: false, interpreter: "reference" });
const { getLlama } = await importPeer(peers, "node-llama-cpp", "dist/index.js");
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
const model = await llama.loadModel({ modelPath: values.gguf, gpuLayers: 0 });
const ids = randomTokens(count!, model.fileInfo.metadata.deepseek4.vocab_size);
const sequence = (await model.createContext({ contextSize: count! + 1 })).getSequence();

const { positions: ours } = await engine.logits(ids);
const theirs: { next: { logits: Map<number, number> } }[] = await sequence.controlledEvaluate(
  ids.map((id) => [id, { generateNext: { logits: true } }]),
);

const correlations: number[] = [];
let sameBest = 0;
for (const { position, logits } of ours) {
  const found = theirs[position]!.next.logits;
  const other = logits.map((_, id) => found.get(id)!);
  correlations.push(correlation(logits, other));
  const best = (values: Float32Array): number => values.indexOf(values.reduce((a, b) => Math.max(a, b)));
  if (best(logits) === best(other)) sameBest++;
}
console.log(
  `${ours.length} positions: the same most likely token at ${sameBest}; correlation of the logits ${median(correlations).toFixed(5)} ` +
    `(median), ${Math.min(...correlations).toFixed(5)} (least)`,
);
await engine.close();
await llama.dispose();

function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (v: Float32Array): number => v.reduce((x, y) => x + y, 0) / v.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - ma, b[i]! - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}
