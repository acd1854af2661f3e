import { parentPort } from "node:worker_threads";
import { serve } from "./worker.ts";

const port = parentPort!;
port.on(
  "message",
  serve((report) => port.postMessage(report)),
);
