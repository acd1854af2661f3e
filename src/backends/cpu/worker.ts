import { BARRIER, HEADER } from "./commands.ts";
import type { Order, Report } from "./crew.ts";
import { Abandoned, Lane } from "./lane.ts";
import { RUNNERS } from "./runners.ts";
import { clock, type Times } from "./trace.ts";

/** A worker's whole life: hands back what to do with each order. */
export function serve(post: (report: Report) => void): (order: Order) => void {
  let lane: Lane;
  return (order) => {
    if (order.order === "start") lane = new Lane(order.module, order.sync, order.me, post);
    else if (order.order === "bank") lane.addBank(order.memory);
    else if (order.order === "experts") lane.tables = order.tables;
    else {
      let times: Times | undefined;
      try {
        const words = new Int32Array(order.words, 0, order.length);
        if (order.traced) times = new Float64Array(2 + 2 * order.traced);
        lane.threads = order.threads;
        runProgram(lane, words, order.arenas, times);
      } catch (error) {
        if (!(error instanceof Abandoned)) {
          post({ report: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
          return;
        }
      }
      post({ report: "done", ...(times && { times }) });
    }
  };
}

/** With `times`, notes there what `Trace` wants to know. */
function runProgram(lane: Lane, words: Int32Array, arenas: readonly number[], times?: Times): void {
  lane.reset();
  lane.words = words;
  lane.floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  lane.arenas = arenas;
  let before = 0;
  if (times) {
    times[0] = clock();
    before = performance.now();
  }
  for (let at = 0, i = 2; at < words.length; at += words[at + 3]!, i += 2) {
    const code = words[at]!;
    if (code & BARRIER) lane.meet();
    if (times) times[i] = -before + (before = performance.now());
    lane.bank = words[at + 1]!;
    lane.k = lane.kernels(lane.bank);
    lane.slot = words[at + 2]!;
    RUNNERS[code & (BARRIER - 1)]!(lane, at + HEADER);
    if (times) times[i + 1] = -before + (before = performance.now());
  }
  if (times) times[1] = clock();
}
