import { BARRIER, HEADER } from "./commands.ts";
import type { Order, Report } from "./crew.ts";
import { unpin } from "./expert-runners.ts";
import { Abandoned, Lane } from "./lane.ts";
import { RUNNERS } from "./runners.ts";

/** A worker's whole life: hands back what to do with each order. */
export function serve(post: (report: Report) => void): (order: Order) => void {
  let lane: Lane;
  return (order) => {
    if (order.order === "start") lane = new Lane(order.module, order.sync, order.me, order.threads, post);
    else if (order.order === "bank") lane.addBank(order.memory);
    else if (order.order === "experts") lane.tables = order.tables;
    else {
      try {
        runProgram(lane, new Int32Array(order.words, 0, order.length), order.arenas);
      } catch (error) {
        if (!(error instanceof Abandoned)) {
          post({ report: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
          return;
        }
      }
      unpin(lane);
      post({ report: "done", used: lane.used });
    }
  };
}

function runProgram(lane: Lane, words: Int32Array, arenas: readonly number[]): void {
  lane.reset();
  lane.words = words;
  lane.floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  lane.arenas = arenas;
  lane.used = [];
  for (let at = 0; at < words.length; at += words[at + 3]!) {
    const code = words[at]!;
    if (code & BARRIER) lane.meet();
    lane.bank = words[at + 1]!;
    lane.k = lane.kernels(lane.bank);
    lane.slot = words[at + 2]!;
    RUNNERS[code & (BARRIER - 1)]!(lane, at + HEADER);
  }
}
