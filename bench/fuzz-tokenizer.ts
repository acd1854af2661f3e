/** Damages a small tokenizer.json many times over and loads the results: `node bench/fuzz-tokenizer.ts [count] [seed]`. */
import { fuzzTokenizer } from "../tests/text/tokenizer-mutations.ts";

const count = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const start = performance.now();
for (const [outcome, times] of fuzzTokenizer(count, seed)) console.log(`${outcome.padEnd(28)} ${times}`);
console.log(`${count} files in ${((performance.now() - start) / 1000).toFixed(1)} s, none crashed`);
