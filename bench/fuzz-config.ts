/** `node bench/fuzz-config.ts [count]`: loads and runs a very small checkpoint under that many damaged configs (default 100,000). */
import { fuzzConfigs } from "../tests/models/config-fuzz.ts";

const count = Number(process.argv[2] ?? 100_000);
const started = performance.now();
const outcomes = await fuzzConfigs(count, 20261121);
console.log(`${count} damaged configs in ${((performance.now() - started) / 1000).toFixed(1)} s, none crashed or hung:`);
for (const [code, times] of [...outcomes].sort((a, b) => b[1] - a[1])) console.log(`${String(times).padStart(8)}  ${code}`);
