import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mock, test } from "node:test";
import { pull } from "../../src/checkpoint/node.ts";
import { COMMIT, sha256 } from "./fake-hub.ts";
import { blob, cacheDir, faultyStorage, fetchModel, folder, hash, hub, incomplete, WEIGHTS, weights } from "./hub-setup.ts";
import { withCode } from "./raw-file.ts";

test("wrong contents never get their name", async () => {
  faultyStorage(1, (response) => response.writeHead(200).end(weights.toReversed()));
  await assert.rejects(fetchModel(), withCode("hub/hash-mismatch"));
  assert.ok(!(await readdir(join(folder, "blobs"))).includes(hash));
  assert.equal((await stat(incomplete())).size, 0, "and are discarded");
});

test("wrong bytes of an earlier run are replaced", async () => {
  await mkdir(join(folder, "blobs"), { recursive: true });
  for (const before of [new Uint8Array(1000), new Uint8Array(weights.length), new Uint8Array(weights.length + 5)]) {
    await writeFile(incomplete(), before);
    await fetchModel();
    assert.equal(sha256(await readFile(blob())), hash);
    await rm(blob());
  }
  await writeFile(blob(), "cut off");
  await fetchModel();
  assert.equal(sha256(await readFile(blob())), hash, "a blob of the wrong size is not trusted");
});

test("more bytes than announced are not written", async () => {
  faultyStorage(1, (response) => response.writeHead(200).end(new Uint8Array(weights.length + 1)));
  await assert.rejects(fetchModel(), withCode("hub/bad-response"));
  assert.ok((await stat(incomplete())).size <= weights.length);
});

test("a file that changes between listing and fetching is noticed", async () => {
  const changed: [string, Record<string, string>][] = [
    [WEIGHTS, { "x-linked-etag": `"${"0".repeat(64)}"`, location: `${hub.storage}/${WEIGHTS}` }],
    ["config.json", { etag: `W/"${"1".repeat(40)}"` }],
    ["config.json", { "x-repo-commit": "1".repeat(40) }],
  ];
  for (const [file, headers] of changed) {
    await rm(folder, { recursive: true, force: true });
    hub.fault = ({ path }, response) =>
      path.startsWith("/org") && path.endsWith(file) && !!response.writeHead(headers.location ? 302 : 200, headers).end("{}");
    await assert.rejects(fetchModel(), withCode("hub/changed"), file);
  }
});

test("server errors pass: 503, 429, an expired link; and end if they do not", async () => {
  for (const status of [503, 429, 500, 403]) {
    faultyStorage(2, (response) => response.writeHead(status, { "retry-after": "0" }).end());
    await fetchModel();
    await rm(blob());
  }
  hub.fault = (_, response) => !!response.writeHead(502).end();
  await assert.rejects(fetchModel(), withCode("hub/unreachable"));
  await assert.rejects(fetchModel({ endpoint: "http://127.0.0.1:1" }), withCode("hub/unreachable"));
});

test("absent, gated and private models", async () => {
  await assert.rejects(pull("org/other", { endpoint: hub.endpoint, cacheDir }), withCode("hub/not-found"));
  await assert.rejects(fetchModel({ revision: "v9" }), withCode("hub/not-found"));
  for (const status of [401, 403]) {
    hub.fault = (_, response) => !!response.writeHead(status).end();
    await assert.rejects(fetchModel(), withCode("hub/unauthorized"));
  }
  hub.fault = ({ path }, response) => path.endsWith(WEIGHTS) && !!response.writeHead(403).end();
  await assert.rejects(fetchModel(), withCode("hub/unauthorized"));
});

test("one file that fails stops the others", { timeout: 20_000 }, async () => {
  hub.fault = ({ server, path }, response) => {
    if (path.startsWith("/org") && path.endsWith("config.json")) setTimeout(() => response.writeHead(404).end(), 100);
    // The weights never arrive, and would be waited for.
    else if (server === "storage") response.writeHead(200, { "content-length": weights.length }).write("x");
    else return false;
    return true;
  };
  await assert.rejects(fetchModel(), withCode("hub/not-found"));
});

test("listings that make no sense", async () => {
  const answers: unknown[] = [
    "text",
    null,
    [],
    {},
    { sha: "main", siblings: [] },
    { sha: COMMIT },
    { sha: COMMIT, siblings: [{}] },
    { sha: COMMIT, siblings: [null] },
  ];
  for (const answer of answers) {
    hub.listing = () => answer;
    await assert.rejects(fetchModel(), withCode("hub/bad-response"), JSON.stringify(answer));
  }
  hub.listing = (body) => body;
  hub.fault = (_, response) => !!response.end("<html>");
  await assert.rejects(fetchModel(), withCode("hub/bad-response"));
  hub.fault = (_, response) => !!response.writeHead(302, { location: "/" }).end();
  await assert.rejects(fetchModel(), withCode("hub/bad-response"), "an endless redirect");
  hub.fault = (_, response) => !!response.writeHead(302, { location: "file:///etc/passwd" }).end();
  await assert.rejects(fetchModel(), withCode("hub/bad-response"), "a redirect to a file");
});

test("what cannot be verified is not fetched", async () => {
  hub.detailed = false;
  hub.fault = ({ method }, response) => method === "HEAD" && !!response.writeHead(200, { "content-length": 5, etag: '"some-md5-2"' }).end();
  await assert.rejects(fetchModel(), withCode("hub/bad-response"));
  assert.deepEqual(hub.gets("config.json"), []);
});

test("file names from the hub do not leave the snapshot", async () => {
  for (const rfilename of ["../../../evil", "/etc/evil", "a/../../evil", "a\\..\\evil", "C:evil", "x\0y", ""]) {
    hub.listing = (body) => ({ ...body, siblings: [...body.siblings, { rfilename, size: 1, blobId: "0".repeat(40) }] });
    await assert.rejects(fetchModel(), withCode("checkpoint/unsafe-path"), rfilename);
  }
  assert.deepEqual(await readdir(cacheDir), []);
});

test("a disk that is too small is noticed before anything is fetched", async () => {
  hub.listing = (body) => ({ ...body, siblings: [...body.siblings, { rfilename: "big", size: 2 ** 50, blobId: "0".repeat(40) }] });
  await assert.rejects(fetchModel(), withCode("hub/no-space"));
  assert.deepEqual(hub.gets(WEIGHTS), []);
});

test("a token never travels unencrypted, nor does a download become so", async () => {
  await assert.rejects(fetchModel({ endpoint: "http://hub.example", token: "secret" }), withCode("hub/insecure"));
  const fetched = mock.method(
    globalThis,
    "fetch",
    async () => new Response(null, { status: 302, headers: { location: "http://hub.example/" } }),
  );
  await assert.rejects(fetchModel({ endpoint: "https://hub.example" }), withCode("hub/insecure"));
  assert.equal(fetched.mock.callCount(), 1);
  fetched.mock.restore();
  await assert.rejects(fetchModel({ endpoint: "ftp://hub.example" }), withCode("hub/bad-response"));
});

test("names that are not models are refused before any request", async () => {
  for (const name of [
    "model",
    "a/b/c",
    "../model",
    "org/..",
    "org/-x",
    "org/x--y",
    "org/x..y",
    "org/x y",
    "/x",
    "org/x@a@b",
    "org/x@",
    `${"x".repeat(97)}/y`,
  ])
    await assert.rejects(pull(name, { endpoint: hub.endpoint, cacheDir }), withCode("hub/bad-name"), name);
  await assert.rejects(fetchModel({ revision: "../x" }), withCode("hub/bad-name"));
  await assert.rejects(pull("org/model@a", { endpoint: hub.endpoint, cacheDir, revision: "b" }), withCode("hub/bad-name"));
  assert.deepEqual(hub.seen, []);
});
