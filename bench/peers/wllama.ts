/**
 * How fast wllama, llama.cpp compiled to WebAssembly, runs a GGUF file on the CPU in headless Chromium. Prints JSON.
 *
 *     node bench/peers/wllama.ts MODEL.gguf --peers FOLDER [--chromium PATH] [--threads 2] [--contexts 512] [--decode 32] [--repeats 3]
 *
 * The times are the engine's own. It takes prompts as text only: random letters, which the vocabulary of gguf-from-checkpoint.ts turns into
 * one token each. Decoding is greedy. The file must be under 2 GB, the largest ArrayBuffer.
 */
import { spawn } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { peerFolder, peerVersion } from "./peer.ts";
import { medianRates, type Rates, randomTokens, readArguments, type Workload } from "./workload.ts";

const NAME = "@wllama/wllama";
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** What llama.cpp's server reports of one completion. */
interface Timings {
  readonly prompt_n: number;
  readonly prompt_per_second: number;
  readonly predicted_n: number;
  readonly predicted_ms: number;
}

export async function wllamaRates(model: string, peers: string, workload: Workload, chromium = "chromium") {
  const { threads, contexts } = workload;
  const prompts = contexts.map((n) => String.fromCharCode(...randomTokens(n, 600).map((id) => 97 + (id % 26))));
  const { runs, error } = await inPage(model, peerFolder(peers, NAME), { ...workload, prompts }, chromium);
  if (!runs) throw new Error(`wllama: ${error}`);
  const all = runs.map((timings): Rates => {
    const wrong = timings.find(({ prompt_n }, i) => prompt_n !== contexts[i]);
    if (wrong) throw new Error(`wllama read a prompt of ${wrong.prompt_n} tokens`);
    return {
      prefill: timings.map(({ prompt_per_second }, i) => ({ tokens: contexts[i]!, tokensPerSecond: prompt_per_second })),
      // The first predicted token comes out of the prompt's last step.
      decode: timings.map((t, i) => ({ context: contexts[i]!, tokensPerSecond: (1000 * (t.predicted_n - 1)) / t.predicted_ms })),
    };
  });
  return { engine: NAME, version: peerVersion(peers, NAME), threads, ...medianRates(all) };
}

/** Serves the page, the package and the model on this machine only, opens the page, waits for its answer. */
async function inPage(model: string, folder: string, workload: object, chromium: string): Promise<{ runs?: Timings[][]; error?: string }> {
  const answered = Promise.withResolvers<{ runs?: Timings[][]; error?: string }>();
  const server = createServer(async (request, response) => {
    // Without these two headers a page gets no shared memory, hence no threads.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin").setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const url = request.url ?? "/";
    const path = url.startsWith("/package/")
      ? join(folder, url.slice(9))
      : url === "/model"
        ? model
        : join(import.meta.dirname, "wllama.html");
    if (url === "/workload") response.end(JSON.stringify(workload));
    else if (url === "/result") {
      answered.resolve(JSON.parse(await text(request)));
      response.end();
    } else if ((url === "/" || path !== join(import.meta.dirname, "wllama.html")) && existsSync(path)) {
      response
        .setHeader("Content-Type", TYPES[extname(path)] ?? "application/octet-stream")
        .setHeader("Content-Length", statSync(path).size);
      createReadStream(path).pipe(response);
    } else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const profile = mkdtempSync(join(tmpdir(), "wllama-"));
  const { port } = server.address() as AddressInfo;
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`];
  const browser = spawn(chromium, [...flags, `http://127.0.0.1:${port}/`], { stdio: "ignore" });
  browser.once("error", answered.reject);
  browser.once("exit", (code) => answered.reject(new Error(`${chromium} ended early, with ${code}`)));
  try {
    return await answered.promise;
  } finally {
    if (browser.exitCode === null && browser.kill()) await new Promise((resolve) => browser.once("exit", resolve));
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

if (import.meta.main) {
  const { target, peers, workload, values } = readArguments("wllama.ts MODEL.gguf --peers FOLDER [options]", {
    chromium: { type: "string", default: "chromium" },
  });
  console.log(JSON.stringify(await wllamaRates(target, peers, workload, values.chromium), undefined, 2));
}
