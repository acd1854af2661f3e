import type { Report, StartThread } from "./crew.ts";
import { serve } from "./worker.ts";

/** The one "thread" of a page that may not share memory: programs run where they were recorded, a turn of the event loop later. */
export const start: StartThread = async (onReport) => {
  const obey = serve((report: Report) => onReport(report));
  return {
    post: (order) => void (order.order === "run" ? setTimeout(() => obey(order), 0) : obey(order)),
    hold: () => {},
    stop: async () => {},
  };
};
