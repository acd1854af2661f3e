import { parentPort } from "node:worker_threads";
import { serveProbe } from "./probe.ts";

const port = parentPort!;
port.on(
  "message",
  serveProbe((times) => port.postMessage(times)),
);
