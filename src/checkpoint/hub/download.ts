/** Node side: one file from the hub, resumed where it stopped and verified by its hash. */
import type { Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { TandemError } from "../../errors.ts";
import { contentHash } from "./content-hash.ts";
import { filePath, type RemoteFile } from "./repository.ts";
import { type Hub, request, unreachable } from "./request.ts";
import { retry } from "./retry.ts";

export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** First pause after a failure. */
  readonly pauseMs: number;
  /** Called with the position in the file; it can go back when a file starts again. */
  readonly onPosition: (bytes: number) => void;
}

/** Silence after which a connection counts as dead and is made anew. */
const STALL_MS = 60_000;

/** Pieces in which bytes of an earlier run are hashed. */
const HASH_PIECE = 8 * 2 ** 20;

/** The name under which a blob arrives; other tools use the same, and can continue it too. */
export const incompletePath = (blob: string): string => `${blob}.incomplete`;

/** Bytes of a file that are already here, complete or not. A blob was verified when it got its name; later only its size is compared. */
export async function bytesPresent(blob: string, size: number): Promise<number> {
  if ((await sizeOf(blob)) === size) return size;
  // At most: the rest would be written over.
  return Math.min((await sizeOf(incompletePath(blob))) ?? 0, size);
}

/**
 * Brings a file to `blob`; nothing to do if it is there. Bytes collect in `blob.incomplete`, which outlives failures, `signal` and kills.
 * They are written at their positions and hashed as they pass, so two processes that fetch the same file write the same bytes
 * to the same places and need no lock. Errors: those of `request`, `hub/hash-mismatch`, `hub/changed`, file system errors as they are.
 */
export async function download(
  hub: Hub,
  repo: string,
  commit: string,
  file: RemoteFile,
  blob: string,
  options: DownloadOptions,
): Promise<void> {
  let position = 0;
  const onPosition = (bytes: number) => options.onPosition((position = bytes));
  if ((await sizeOf(blob)) === file.size) return onPosition(file.size);
  await mkdir(dirname(blob), { recursive: true });
  const arrive = () => attempt(hub, repo, commit, file, incompletePath(blob), { ...options, onPosition });
  await retry(arrive, { signal: options.signal, pauseMs: options.pauseMs, progress: () => position });
  try {
    await rename(incompletePath(blob), blob);
  } catch (error) {
    // Another process may have finished first.
    if ((await sizeOf(blob)) !== file.size) throw error;
  }
}

/** Fills the file up to its end with one connection, then compares hashes. */
async function attempt(hub: Hub, repo: string, commit: string, file: RemoteFile, path: string, options: DownloadOptions): Promise<void> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  const watch = new StallWatch(options.signal);
  try {
    const had = (await handle.stat()).size;
    let start = had <= file.size ? had : 0;
    let hash = contentHash(file.hash, file.size);
    await hashPrefix(handle, start, hash, watch);
    if (start < file.size) {
      const range = start > 0 ? `bytes=${start}-` : undefined;
      const reply = await request(hub, "GET", filePath(repo, commit, file.path), file.path, watch.signal, range);
      if ((reply.hash ?? file.hash) !== file.hash || (reply.commit ?? commit) !== commit)
        throw new TandemError("hub/changed", { what: file.path });
      if (start > 0 && !continues(reply.response, start, file.path)) {
        start = 0;
        hash = contentHash(file.hash, file.size);
      }
      await receive(reply.response, handle, start, hash, file, watch, options.onPosition);
    }
    const actual = hash.digest("hex");
    if (actual !== file.hash) {
      await handle.truncate(0);
      const wrong = new TandemError("hub/hash-mismatch", { what: file.path, actual, expected: file.hash });
      // Bytes of an earlier run may be to blame rather than the hub: once more from the start.
      throw start > 0 ? unreachable(file.path, wrong) : wrong;
    }
    await handle.truncate(file.size);
    await handle.sync();
  } finally {
    watch.stop();
    await handle.close();
  }
}

/** Whether the answer starts where we stopped; some servers ignore ranges and start again. */
function continues(response: Response, start: number, what: string): boolean {
  if (response.status !== 206) return false;
  if (response.headers.get("content-range")?.startsWith(`bytes ${start}-`)) return true;
  throw new TandemError("hub/bad-response", { what, reason: "it sends another range than was asked for" });
}

async function receive(
  response: Response,
  handle: FileHandle,
  start: number,
  hash: Hash,
  file: RemoteFile,
  watch: StallWatch,
  onPosition: (bytes: number) => void,
): Promise<void> {
  const what = file.path;
  let position = start;
  onPosition(position);
  for await (const chunk of chunks(response, what)) {
    watch.alive();
    // Before writing: an answer that never ends must not fill the disk.
    if (position + chunk.length > file.size)
      throw new TandemError("hub/bad-response", { what, reason: `it sends more than ${file.size} bytes` });
    hash.update(chunk);
    for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
    onPosition((position += chunk.length));
  }
  if (position < file.size) throw unreachable(what, new Error(`the connection ended after ${position} of ${file.size} bytes`));
}

/** The body of a response; a broken connection becomes the error that is tried again, errors of the disk do not. */
async function* chunks(response: Response, what: string): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const next = await reader?.read().catch((error: unknown) => {
        throw unreachable(what, error);
      });
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

async function hashPrefix(handle: FileHandle, length: number, hash: Hash, watch: StallWatch): Promise<void> {
  const buffer = new Uint8Array(Math.min(length, HASH_PIECE));
  for (let done = 0; done < length; ) {
    watch.signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - done), done);
    hash.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
    watch.alive();
  }
}

/** A signal that also fires after a minute in which `alive` was not called. */
class StallWatch {
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(signal: AbortSignal) {
    const stalled = new AbortController();
    this.signal = AbortSignal.any([signal, stalled.signal]);
    this.#timer = setTimeout(() => stalled.abort(new Error(`nothing arrived for ${STALL_MS / 1000} s`)), STALL_MS);
  }

  alive(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

const sizeOf = async (path: string): Promise<number | undefined> =>
  stat(path).then(
    (found) => found.size,
    () => undefined,
  );
