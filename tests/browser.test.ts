import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { test } from "node:test";

/** The library in a page: the same files, no bundler, the real model. */
const root = resolve(import.meta.dirname, "..");
const browser = ["chromium", "chromium-browser", "google-chrome"].find((name) => {
  try {
    return execFileSync("which", [name], { stdio: ["ignore", "pipe", "ignore"] }).length > 0;
  } catch {
    return false;
  }
});

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module">
try {
  const { Engine } = await import("/dist/index.js");
  const { checkpointFromSources, memorySource } = await import("/dist/checkpoint/index.js");
  const names = ["config.json", "model.safetensors", "tokenizer.json", "generation_config.json"];
  const bytes = async (name) => new Uint8Array(await (await fetch("/models/minnow/" + name)).arrayBuffer());
  const engine = await Engine.load(await checkpointFromSources(await Promise.all(names.map(async (n) => memorySource(n, await bytes(n))))), { threads: 2 });
  const said = { reasoning: "", content: "", isolated: crossOriginIsolated, threads: engine.ops.threads };
  for await (const event of engine.session().send("What is 17 + 25?", { temperature: 0 })) if (event.type in said) said[event.type] += event.text;
  await engine.close();
  await fetch("/said", { method: "POST", body: JSON.stringify(said) });
} catch (error) {
  await fetch("/said", { method: "POST", body: "failed: " + error.stack });
}
</script>`;
/** What a page needs to share memory with its workers. */
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const TYPES: Readonly<Record<string, string>> = { ".js": "text/javascript", ".json": "application/json" };

test("the library runs in a page as it is", { skip: browser ? false : "no Chromium on this machine" }, async () => {
  const temporary = await mkdtemp(join(tmpdir(), "tandem-browser-"));
  let tell: (said: string) => void = () => {};
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, "http://x").pathname;
    if (path === "/said") {
      tell(Buffer.concat(await request.toArray()).toString());
      return void response.end();
    }
    if (path === "/" || path === "/isolated")
      return void response.writeHead(200, { "content-type": "text/html", ...(path === "/isolated" && ISOLATED) }).end(PAGE);
    try {
      const body = await readFile(join(path.startsWith("/dist/") ? temporary : root, path));
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", ...ISOLATED }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  try {
    execFileSync(process.execPath, [
      join(root, "node_modules/.bin/tsc"),
      "-p",
      join(root, "tsconfig.build.json"),
      "--outDir",
      join(temporary, "dist"),
    ]);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
    const quiet = ["--disable-component-update", "--disable-sync", `--user-data-dir=${join(temporary, "profile")}`];
    for (const { path, threads } of [
      { path: "/isolated", threads: 2 },
      { path: "/", threads: 1 },
    ]) {
      const answer = new Promise<string>((resolve) => {
        tell = resolve;
      });
      const page = execFile(browser!, [...flags, ...quiet, `http://127.0.0.1:${port}${path}`], { timeout: 90_000 });
      const ended = once(page, "exit").then(() => "the browser ended first");
      const said = await Promise.race([answer, ended]);
      page.kill();
      await ended;
      assert.match(said, /"content":"[^"]*42/, said);
      assert.match(said, /"reasoning":"[^"]+"/);
      assert.match(said, new RegExp(`"isolated":${threads > 1},"threads":${threads}`));
    }
  } finally {
    server.close();
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
});
