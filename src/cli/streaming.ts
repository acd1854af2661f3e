import { Cpu } from "../backends/cpu/index.ts";
import type { Engine } from "../engine/index.ts";
import { type IO, write } from "./io.ts";
import { styleFor } from "./style.ts";
import { bytes, percent } from "./text.ts";

/** What reading experts from disk has cost so far; undefined where all are in memory. */
export function streamingOf({ ops }: Engine) {
  const counts = ops instanceof Cpu ? ops.counts : undefined;
  return counts?.streamed ? counts.streaming : undefined;
}

/** The same in one line for the terminal. */
export async function remarkOnStreaming(engine: Engine, io: IO): Promise<void> {
  const counts = streamingOf(engine);
  if (!counts) return;
  const { hits, misses, bytesRead, waitedMs } = counts;
  const found = hits + misses === 0 ? "" : `${percent(hits / (hits + misses))} of them were in memory when needed, `;
  const line = `(experts read from disk: ${found}${bytes(bytesRead)} read, ${(waitedMs / 1000).toFixed(1)} s waited)`;
  await write(io.stderr, `${styleFor(io, io.stderr).dim(line)}\n`);
}
