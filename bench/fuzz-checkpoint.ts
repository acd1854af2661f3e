/**
 * Opens many damaged checkpoints: `node bench/fuzz-checkpoint.ts [COUNT] [SEED]`. COUNT (default 100,000) is shared among the kinds.
 * Ends with an error at the first that hangs, crashes, reads beyond its file or fails without a code; otherwise prints what they came to.
 */
import { fuzz, KINDS } from "../tests/checkpoint/fuzz.ts";

const count = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const each = Math.ceil(count / KINDS.length);
console.log(`seed ${seed}`);
for (const kind of KINDS) {
  const start = performance.now();
  const { outcomes, slowestMs } = await fuzz(kind, each, seed);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `\n${kind}: ${each} in ${seconds} s, slowest ${slowestMs.toFixed(0)} ms, peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`,
  );
  for (const [code, n] of [...outcomes].sort((a, b) => b[1] - a[1])) console.log(`  ${String(n).padStart(7)}  ${code}`);
}
