import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { COMMIT } from "../checkpoint/fake-hub.ts";
import { blob, cacheDir, faultyStorage, hub, incomplete, weights } from "../checkpoint/hub-setup.ts";
import { cli, spawnCli } from "./terminal.ts";

const pull = (...argv: string[]) => spawnCli(["pull", ...argv], { HF_HUB_CACHE: cacheDir, HF_TOKEN: "" });

test("pull fetches a model, from --endpoint or HF_ENDPOINT, and inspect finds it by its name", async () => {
  const { status, out, err } = await pull("org/model", "--endpoint", hub.endpoint, "--json").done;
  assert.deepEqual([status, err], [0, ""]);
  const pulled = JSON.parse(out);
  const size = [...hub.files.values()].reduce((sum, file) => sum + file.length, 0);
  assert.deepEqual([pulled.commit, pulled.files, pulled.bytes], [COMMIT, 2, size]);
  assert.deepEqual(new Uint8Array(await readFile(`${pulled.directory}/model.safetensors`)), weights);
  const env = { HF_HUB_CACHE: cacheDir, HF_ENDPOINT: hub.endpoint };
  const again = await spawnCli(["pull", `org/model@${COMMIT}`], env).done;
  assert.equal(again.out, `2 files, 3.00 MB, commit ${COMMIT}\n${pulled.directory}\n`);
  const found = await spawnCli(["inspect", "org/model", "--json"], env).done;
  assert.equal(JSON.parse(found.out).location, pulled.directory);
});

test("Ctrl-C leaves what arrived, and the same command completes it", async () => {
  faultyStorage(1, (response) => {
    response.writeHead(200, { "content-length": weights.length });
    response.write(weights.subarray(0, 1_000_000));
  });
  const { child, done } = pull("org/model", "--endpoint", hub.endpoint);
  while (((await stat(incomplete()).catch(() => undefined))?.size ?? 0) < 1_000_000) await new Promise((r) => setTimeout(r, 10));
  child.kill("SIGINT");
  const stopped = await done;
  assert.equal(stopped.status, 1);
  assert.match(stopped.err, /^error \[hub\/aborted\]/);
  assert.ok(!stopped.err.includes("█"), "no progress bar in a pipe");
  assert.equal((await pull("org/model", "--endpoint", hub.endpoint).done).status, 0);
  assert.deepEqual(new Uint8Array(await readFile(blob())), weights);
  assert.equal(hub.gets("model.safetensors").at(-1)!.range, "bytes=1000000-");
});

test("errors of the hub pass through", async () => {
  const wrong = await cli(["pull", "not a model", "--json"]);
  assert.deepEqual([wrong.status, JSON.parse(wrong.out).error.code], [1, "hub/bad-name"]);
  const absent = await pull("org/other", "--endpoint", hub.endpoint, "--json").done;
  assert.deepEqual([absent.status, JSON.parse(absent.out).error.code], [1, "hub/not-found"]);
});
