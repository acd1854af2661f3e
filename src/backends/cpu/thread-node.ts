import { Worker } from "node:worker_threads";
import type { Order, Report, StartThread } from "./crew.ts";

/** Run from source the neighbour ends in .ts, built it ends in .js. */
const entry = new URL(`./worker-node.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);

export const start: StartThread = async (onReport, onEnd) => {
  // The program's own flags are not for its threads: some, like --input-type, would keep them from starting.
  const worker = new Worker(entry, { name: "tandem", execArgv: [] });
  let stopping = false;
  worker.on("message", (report: Report) => onReport(report));
  worker.on("error", (error) => onEnd(error.message));
  worker.on("exit", (code) => {
    if (!stopping) onEnd(`its thread ended with code ${code}`);
  });
  return {
    post: (order: Order) => worker.postMessage(order),
    hold: (on) => (on ? worker.ref() : worker.unref()),
    async stop() {
      stopping = true;
      await worker.terminate();
    },
  };
};
