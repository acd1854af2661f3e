import { mkdtemp, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { encodeHeader } from "../../src/checkpoint/index.ts";
import { type PullOptions, pull } from "../../src/checkpoint/node.ts";
import { FakeHub, sha256 } from "./fake-hub.ts";

/** A hub with one model of a config and 3 MB of weights, and an empty cache before each test. */
export const hub = new FakeHub();
const SIZE = 3_000_000;
export const { bytes: header } = encodeHeader([{ name: "a", type: "U8", shape: [SIZE] }], "");
export const weights = Uint8Array.from({ length: header.length + SIZE }, (_, i) =>
  i < header.length ? header[i] : (i * 2654435761) >>> 24,
);
export const WEIGHTS = "model.safetensors";
export const hash = sha256(weights);

export let cacheDir: string;
/** Where the model lies in the cache. */
export let folder: string;

before(() => hub.start());
after(() => hub.stop());
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "tandem-hub-"));
  folder = join(cacheDir, "models--org--model");
  hub.reset();
  hub.files.clear();
  hub.files.set("config.json", new TextEncoder().encode('{"model_type":"deepseek_v4"}'));
  hub.files.set(WEIGHTS, weights);
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

export const fetchModel = (options: PullOptions = {}) =>
  pull("org/model", { endpoint: hub.endpoint, cacheDir, retryPauseMs: 1, ...options });
export const blob = () => join(folder, "blobs", hash);
export const incomplete = () => `${blob()}.incomplete`;

/** Lets `fault` act on the first `times` answers of the storage. */
export function faultyStorage(times: number, fault: (response: ServerResponse) => void): void {
  hub.fault = ({ server }, response) => {
    if (server !== "storage" || times-- <= 0) return false;
    fault(response);
    return true;
  };
}
