import { median } from "./median.ts";
import type { Turn } from "./probe.ts";
import { type Probe, WORK_BYTES } from "./probe-crew-node.ts";
import type { ReadRates } from "./report.ts";

/** The turn in which `threads` threads from `first` on read `bytes` from address `at`, each its part. */
export function readTurn(probe: Probe, at: number, bytes: number, threads = probe.threads, first = 0, times = 1): Turn {
  const part = Math.floor(bytes / threads / 64) * 64;
  return Array.from({ length: probe.threads }, (_, t) =>
    t >= first && t < first + threads ? { kernel: "readAll", args: [at + (t - first) * part, part], times } : undefined,
  );
}

const everything = (probe: Probe) => readTurn(probe, WORK_BYTES, probe.bytes);

/** GB/s of reading with all threads, now. */
export async function readNow(probe: Probe, rounds = 2): Promise<number[]> {
  const ms = await probe.run(Array.from({ length: rounds }, () => everything(probe)));
  return ms.map((t) => probe.bytes / t / 1e6);
}

/** Each thread alone and all together, one after the other in every round; medians. */
export async function measureRead(probe: Probe, rounds: number, check: () => void): Promise<ReadRates> {
  const one = Array.from({ length: probe.threads }, (_, t) => readTurn(probe, WORK_BYTES, probe.bytes, 1, t));
  const turns = [...one, everything(probe)];
  const all: number[][] = turns.map(() => []);
  // The first round compiles and touches.
  await probe.run(turns);
  for (let round = 0; round < rounds; round++) {
    check();
    for (const [i, ms] of (await probe.run(turns)).entries()) all[i]!.push(probe.bytes / ms / 1e6);
  }
  const alone = all.slice(0, -1).map(median);
  const gbPerSecond = median(all.at(-1)!);
  return { bytes: probe.bytes, threads: probe.threads, gbPerSecond, alone, scaling: gbPerSecond / median(alone) };
}
