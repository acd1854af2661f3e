import type { Order } from "./crew.ts";
import { serve } from "./worker.ts";

const obey = serve((report) => postMessage(report));
addEventListener("message", ({ data }: MessageEvent<Order>) => obey(data));
