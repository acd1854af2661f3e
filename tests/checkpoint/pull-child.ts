/** A process that pulls, for a test that kills it: `node pull-child.ts ENDPOINT CACHE`. */
import { pull } from "../../src/checkpoint/node.ts";

await pull("org/model", { endpoint: process.argv[2], cacheDir: process.argv[3] });
