import type { IO } from "./io.ts";
import { isTerminal } from "./style.ts";

/** What takes less is over before a bar could be read. */
const PATIENCE_MS = 2000;
const REFRESH_MS = 100;
const WIDTH = 24;

export interface Progress {
  update(done: number, total: number): void;
  /** Takes the bar away. */
  end(): void;
}

/** A bar on stderr for whatever takes longer than two seconds; never in a pipe. `unit` writes amounts. */
export function progressBar(io: IO, label: string, unit: (n: number) => string): Progress {
  if (!isTerminal(io, io.stderr)) return { update() {}, end() {} };
  const started = performance.now();
  let drawn = 0;
  // What was there already (a download continued) says nothing about the speed.
  let before: number | undefined;
  return {
    update(done, total) {
      const now = performance.now();
      before ??= done;
      if (now - started < PATIENCE_MS || now - drawn < REFRESH_MS) return;
      drawn = now;
      const part = total > 0 ? Math.min(done / total, 1) : 0;
      const rate = (1000 * (done - before)) / (now - started);
      const left = rate > 0 ? `, ${duration((total - done) / rate)} left` : "";
      const bar = "█".repeat(Math.floor(part * WIDTH)).padEnd(WIDTH, "░");
      const line = `${label} ${bar} ${unit(done)} of ${unit(total)}${left}`;
      // A line that wraps could not be taken away again.
      io.stderr.write(`\r${line.slice(0, (io.stderr.columns ?? 80) - 1)}\u001b[K`);
    },
    end() {
      if (drawn > 0) io.stderr.write("\r\u001b[K");
      drawn = 0;
    },
  };
}

function duration(seconds: number): string {
  const s = Math.ceil(seconds);
  if (s < 60) return `${s} s`;
  return s < 3600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
