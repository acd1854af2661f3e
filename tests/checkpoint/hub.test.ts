import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs, { lstat, mkdir, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { mock, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isModelFile, openCheckpoint, type PullProgress, pull, resolveModel } from "../../src/checkpoint/node.ts";
import { COMMIT, gitBlob, sha256 } from "./fake-hub.ts";
import { blob, cacheDir, faultyStorage, fetchModel, folder, hash, header, hub, incomplete, WEIGHTS, weights } from "./hub-setup.ts";
import { withCode } from "./raw-file.ts";

/** Sends some of the weights and then closes the connection. */
const cutAfter = (bytes: number) => (response: ServerResponse) => {
  response.writeHead(200, { "content-length": weights.length });
  response.write(weights.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20));
};

test("pulls into the layout that all tools share, and opens it", async () => {
  hub.files.set("encoding/notes & more.txt", new TextEncoder().encode("notes"));
  hub.files.set("pytorch_model.bin", weights);
  const seen: PullProgress[] = [];
  const pulled = await fetchModel({ token: "secret", onProgress: (progress) => seen.push(progress) });
  assert.equal(pulled.directory, join(folder, "snapshots", COMMIT));
  assert.equal(pulled.commit, COMMIT);
  assert.deepEqual(pulled.files.map(({ path }) => path).sort(), ["config.json", "encoding/notes & more.txt", WEIGHTS]);
  assert.equal(await readFile(join(folder, "refs", "main"), "utf8"), COMMIT);
  assert.equal(await readlink(join(pulled.directory, WEIGHTS)), `../../blobs/${hash}`);
  assert.equal(
    await readlink(join(pulled.directory, "encoding/notes & more.txt")),
    `../../../blobs/${gitBlob(hub.files.get("encoding/notes & more.txt")!)}`,
  );
  assert.equal((await readdir(join(folder, "blobs"))).length, 3);

  const checkpoint = await openCheckpoint(await resolveModel("org/model", { cacheDir }));
  assert.deepEqual(await checkpoint.tensors.get("a")!.read(), weights.slice(header.length));
  await checkpoint.close();

  const total = weights.length + 28 + 5;
  assert.deepEqual(seen.at(-1), { file: seen.at(-1)!.file, bytes: total, total });
  for (const { server, authorization } of hub.seen) assert.equal(authorization, server === "hub" ? "Bearer secret" : undefined);
  assert.ok(hub.seen.some(({ server }) => server === "storage"));

  hub.seen.length = 0;
  await fetchModel();
  assert.equal(hub.seen.length, 1, "a second time only the listing is asked for");
});

test("asks for headers where the listing has only names", async () => {
  hub.detailed = false;
  await fetchModel();
  const heads = hub.seen.filter(({ method }) => method === "HEAD");
  assert.deepEqual(
    heads.map(({ server }) => server),
    ["hub", "hub"],
    "the storage is not asked: it refuses HEAD",
  );
  assert.equal(sha256(await readFile(join(folder, "snapshots", COMMIT, WEIGHTS))), hash);
});

test("a revision is a branch, a pull request or a commit", async () => {
  await fetchModel({ revision: "refs/pr/1" });
  assert.equal(await readFile(join(folder, "refs/refs/pr/1"), "utf8"), COMMIT);
  await pull(`org/model@${COMMIT}`, { endpoint: hub.endpoint, cacheDir });
  assert.deepEqual(await readdir(join(folder, "refs")), ["refs"], "a commit needs no name");
  for (const name of ["org/model@refs/pr/1", `org/model@${COMMIT}`])
    assert.equal(await resolveModel(name, { cacheDir }), join(folder, "snapshots", COMMIT));
  await assert.rejects(resolveModel("org/model", { cacheDir }), withCode("hub/not-cached"));
});

test("continues a connection that is cut, again and again", async () => {
  faultyStorage(3, cutAfter(500_000));
  await fetchModel();
  const ranges = hub
    .gets(WEIGHTS)
    .filter(({ server }) => server === "storage")
    .map(({ range }) => Number(range?.match(/\d+/)?.[0] ?? 0));
  assert.equal(ranges.length, 4);
  assert.ok(ranges[3] > 0, `no range was asked for: ${ranges}`);
  assert.equal(sha256(await readFile(blob())), hash);
});

test("a storage that ignores ranges is read from the start again", async () => {
  await mkdir(join(folder, "blobs"), { recursive: true });
  await writeFile(incomplete(), weights.subarray(0, 1_000_000));
  faultyStorage(1, (response) => response.writeHead(200).end(weights));
  await fetchModel();
  assert.equal(sha256(await readFile(blob())), hash);
});

test("stopped by its signal, it leaves what arrived and continues there", async () => {
  const stop = new AbortController();
  faultyStorage(1, (response) => {
    response.writeHead(200, { "content-length": weights.length });
    response.write(weights.subarray(0, 700_000), () => setTimeout(() => stop.abort(), 50));
  });
  await assert.rejects(fetchModel({ signal: stop.signal }), withCode("hub/aborted"));
  const arrived = (await stat(incomplete())).size;
  assert.ok(arrived > 0 && arrived <= 700_000, `${arrived}`);
  await assert.rejects(stat(join(folder, "refs/main")), "nothing is recorded before everything is there");
  hub.seen.length = 0;
  await fetchModel();
  assert.equal(hub.gets(WEIGHTS)[0].range, `bytes=${arrived}-`);
  assert.equal(sha256(await readFile(blob())), hash);
});

test("stopped before it began, or while it waits between tries", async () => {
  await assert.rejects(fetchModel({ signal: AbortSignal.abort() }), withCode("hub/aborted"));
  faultyStorage(100, (response) => response.writeHead(503).end());
  const start = performance.now();
  await assert.rejects(fetchModel({ signal: AbortSignal.timeout(100), retryPauseMs: 60_000 }), withCode("hub/aborted"));
  assert.ok(performance.now() - start < 5000);
});

test("killed and started again, it continues", async () => {
  let half = () => {};
  const halfway = new Promise<void>((resolve) => (half = resolve));
  faultyStorage(1, (response) => {
    response.writeHead(200, { "content-length": weights.length });
    response.write(weights.subarray(0, 1_500_000), () => half());
  });
  const child = spawn(process.execPath, [new URL("pull-child.ts", import.meta.url).pathname, hub.endpoint, cacheDir], { stdio: "inherit" });
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  assert.equal(await Promise.race([halfway, ended]), undefined, "the child ended before it was killed");
  for (let i = 0; i < 100 && ((await stat(incomplete()).catch(() => undefined))?.size ?? 0) === 0; i++) await sleep(20);
  child.kill("SIGKILL");
  assert.equal(await ended, "SIGKILL");
  const arrived = (await stat(incomplete())).size;
  assert.ok(arrived > 0);
  hub.seen.length = 0;
  await fetchModel();
  assert.equal(hub.gets(WEIGHTS)[0].range, `bytes=${arrived}-`);
  assert.equal(sha256(await readFile(blob())), hash);
});

test("without symbolic links a snapshot has hard links, without those copies", async () => {
  const forbidden = async () => {
    throw new Error("EPERM");
  };
  for (const names of [["symlink"], ["symlink", "link"]] as const) {
    for (const name of names) mock.method(fs, name, forbidden);
    syncBuiltinESMExports();
    const { directory } = await fetchModel();
    const place = await lstat(join(directory, WEIGHTS));
    assert.deepEqual([place.isFile(), place.nlink], [true, names.length === 1 ? 2 : 1]);
    assert.equal(sha256(await readFile(join(directory, WEIGHTS))), hash);
    assert.deepEqual((await readdir(directory)).sort(), ["config.json", WEIGHTS], "no temporary files");
    mock.restoreAll();
    syncBuiltinESMExports();
    await rm(directory, { recursive: true });
  }
});

test("equal files are fetched once, empty ones not at all", async () => {
  hub.files.set("copy.safetensors", weights);
  hub.files.set("empty.txt", new Uint8Array(0));
  const { directory, bytes } = await fetchModel();
  assert.equal(bytes, weights.length + 28);
  assert.equal(hub.seen.filter(({ server }) => server === "storage").length, 1);
  assert.equal(sha256(await readFile(join(directory, "copy.safetensors"))), hash);
  assert.equal((await stat(join(directory, "empty.txt"))).size, 0);
});

test("two at a time bring the same bytes", async () => {
  await Promise.all([fetchModel(), fetchModel()]);
  assert.equal(sha256(await readFile(join(folder, "snapshots", COMMIT, WEIGHTS))), hash);
  assert.ok((await lstat(join(folder, "snapshots", COMMIT, WEIGHTS))).isSymbolicLink());
});

test("finds models: folders, what other tools cached, and what is missing", async () => {
  assert.equal(await resolveModel(cacheDir, { cacheDir }), cacheDir);
  for (const name of [
    "org/model",
    "org/model@main",
    "nothing",
    "/no/such/folder",
    "org/../model",
    "a/b/c",
    "org/model@../../x",
    "org/mo--del",
  ])
    await assert.rejects(resolveModel(name, { cacheDir }), withCode("hub/not-cached"), name);

  const snapshot = join(folder, "snapshots", COMMIT);
  const write = async (path: string, text: string) => {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const incompleteNow = () => assert.rejects(resolveModel("org/model", { cacheDir }), withCode("hub/incomplete"));
  await write("refs/main", "not a commit");
  await assert.rejects(resolveModel("org/model", { cacheDir }), withCode("hub/not-cached"));
  await write("refs/main", COMMIT);
  await mkdir(snapshot, { recursive: true });
  await incompleteNow();
  await write(`snapshots/${COMMIT}/config.json`, "{}");
  await incompleteNow();
  await write(`snapshots/${COMMIT}/model.safetensors.index.json`, '{"weight_map":{"a":"1.safetensors"}}');
  await incompleteNow();
  await write(`snapshots/${COMMIT}/1.safetensors`, "");
  assert.equal(await resolveModel("org/model", { cacheDir }), snapshot);
});

test("weights in formats that are not read are left out", () => {
  for (const path of ["model.safetensors", "config.json", "encoding/encoding.py", "LICENSE", "tokenizer.json"])
    assert.ok(isModelFile(path), path);
  for (const path of ["pytorch_model.bin", "x/model.Q4.gguf", "model.ONNX", "a.pth", "b.pt"]) assert.ok(!isModelFile(path), path);
});
