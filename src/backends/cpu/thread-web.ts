import type { Order, Report, StartThread } from "./crew.ts";

export const start: StartThread = async (onReport, onEnd) => {
  const worker = new Worker(new URL("./worker-web.js", import.meta.url), { type: "module", name: "tandem" });
  worker.addEventListener("message", ({ data }: MessageEvent<Report>) => onReport(data));
  worker.addEventListener("error", (event) => onEnd(event.message || "its script could not be loaded"));
  return {
    post: (order: Order) => worker.postMessage(order),
    hold: () => {},
    async stop() {
      worker.terminate();
    },
  };
};
