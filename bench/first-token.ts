/** How long the model in the box takes to load, and then to its first token: `npx node bench/first-token.ts [REPEATS] [THREADS]`, medians, each in a fresh engine. */
import { Engine } from "../src/engine/index.ts";

const repeats = Number(process.argv[2] ?? 5);
const threads = process.argv[3] ? { threads: Number(process.argv[3]) } : {};
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
const loads: number[] = [];
const firsts: number[] = [];
let cold: number | undefined;
for (let i = 0; i < repeats; i++) {
  const start = performance.now();
  const engine = await Engine.load(`${import.meta.dirname}/../models/minnow`, threads);
  loads.push(performance.now() - start);
  const asked = performance.now();
  for await (const event of engine.session().send("What is 417 - 385?", { temperature: 0 }))
    if (event.type === "reasoning" || event.type === "content") {
      firsts.push(performance.now() - asked);
      cold ??= firsts[0];
      break;
    }
  await engine.close();
}
console.log(`load ${median(loads).toFixed(0)} ms, first token ${median(firsts).toFixed(0)} ms (in a fresh process ${cold!.toFixed(0)} ms)`);
