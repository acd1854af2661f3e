/** Node side: fetching a model into the cache. The only place in Tandem that opens a connection to the outside. */
import { mkdir } from "node:fs/promises";
import { TandemError } from "../../errors.ts";
import { requireSpace } from "../disk-space-node.ts";
import { addToSnapshot, blobPath, cacheDirectory, modelFolder, snapshotPath, writeRef } from "./cache.ts";
import { bytesPresent, download } from "./download.ts";
import { inParallel } from "./in-parallel.ts";
import { parseModelName } from "./model-name.ts";
import { describe, list, type RemoteFile } from "./repository.ts";
import { connect } from "./request.ts";
import { retry } from "./retry.ts";

export interface PullOptions {
  /** Branch, tag or commit; also accepted in the name behind `@`. Default `main`. */
  readonly revision?: string;
  /** Address of the hub. Default: `HF_ENDPOINT`, else https://huggingface.co. */
  readonly endpoint?: string;
  /** Default: `HF_TOKEN`. Sent to the hub's own origin only. */
  readonly token?: string;
  /** Default: where all Hugging Face tools keep models, see `cacheDirectory`. */
  readonly cacheDir?: string;
  /** Which files; default `isModelFile`. */
  readonly include?: (path: string) => boolean;
  /** Stops the download, which then fails with `hub/aborted`; what arrived is kept and continued next time. */
  readonly signal?: AbortSignal;
  /** Called at most ten times a second, and once at the end. */
  readonly onProgress?: (progress: PullProgress) => void;
  /** First pause after a failure, in milliseconds; it doubles. Default 500. */
  readonly retryPauseMs?: number;
}

export interface PullProgress {
  /** The file that moved last. */
  readonly file: string;
  /** Bytes of all files that are here, those of earlier runs included, and bytes in all. */
  readonly bytes: number;
  readonly total: number;
}

export interface PulledModel {
  /** The snapshot: a checkpoint folder for `openCheckpoint`. */
  readonly directory: string;
  readonly commit: string;
  readonly files: readonly RemoteFile[];
  readonly bytes: number;
}

/** Files at a time. One connection to the hub's storage rarely fills a fast line, and more than a few are slowed down by it. */
const PARALLEL = 4;

const PROGRESS_MS = 100;

/** All files of a model except weights in formats that Tandem does not read: pickles (which would be code), GGUF, ONNX and the like. */
export const isModelFile = (path: string): boolean => !/\.(bin|pt|pth|ckpt|pkl|gguf|onnx|onnx_data|h5|msgpack|ot|mlmodel)$/i.test(path);

/**
 * Fetches `ORG/NAME[@REVISION]` into the cache, up to four files at a time, each verified by its hash. Interrupted by whatever, the next
 * call continues where this one stopped. The revision is recorded only once everything is there.
 * Errors: `hub/…`, `checkpoint/unsafe-path` (a file name of the hub leaves the folder), `io/failed`.
 */
export async function pull(name: string, options: PullOptions = {}): Promise<PulledModel> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  try {
    return await fetchAll(name, options, signal, (items, work) => inParallel(items, PARALLEL, work, stop));
  } catch (cause) {
    if (options.signal?.aborted) throw new TandemError("hub/aborted", {}, { cause });
    if (cause instanceof TandemError) throw cause;
    throw new TandemError(
      "io/failed",
      { action: `Fetching ${name}`, reason: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  } finally {
    stop.abort();
  }
}

type ForEach = <T>(items: readonly T[], work: (item: T, index: number) => Promise<void>) => Promise<void>;

async function fetchAll(name: string, options: PullOptions, signal: AbortSignal, forEach: ForEach): Promise<PulledModel> {
  const model = parseModelName(name, options.revision);
  const hub = connect(options.endpoint, options.token);
  const folder = modelFolder(options.cacheDir ?? cacheDirectory(), model.repo);
  const pauseMs = options.retryPauseMs ?? 500;

  const { commit, files: listed } = await retry(() => list(hub, model, signal), { signal, pauseMs });
  const wanted = listed.filter(({ path }) => (options.include ?? isModelFile)(path));
  const files: RemoteFile[] = [];
  await forEach(wanted, async (file, i) => {
    files[i] = await retry(() => describe(hub, model.repo, commit, file, signal), { signal, pauseMs });
  });

  // Equal contents are one blob: fetched once, linked as often as needed.
  const byHash = new Map<string, RemoteFile[]>();
  for (const file of files) byHash.set(file.hash, [...(byHash.get(file.hash) ?? []), file]);
  const blobs = [...byHash.values()];
  await mkdir(folder, { recursive: true });
  const present = await Promise.all(blobs.map(([{ hash, size }]) => bytesPresent(blobPath(folder, hash), size)));
  const total = blobs.reduce((sum, [{ size }]) => sum + size, 0);
  await requireSpace(folder, total - present.reduce((sum, bytes) => sum + bytes, 0), "hub/no-space");

  const progress = new Progress(present, total, options.onProgress);
  await forEach(blobs, async (same, i) => {
    const [file] = same;
    const onPosition = (bytes: number) => progress.set(i, bytes, file.path);
    await download(hub, model.repo, commit, file, blobPath(folder, file.hash), { signal, pauseMs, onPosition });
    for (const { path } of same) await addToSnapshot(folder, commit, path, file.hash);
  });
  await writeRef(folder, model.revision, commit);
  progress.finish();
  return { directory: snapshotPath(folder, commit), commit, files, bytes: total };
}

/** Adds up the positions of all files. */
class Progress {
  readonly #positions: number[];
  readonly #total: number;
  readonly #report: PullOptions["onProgress"];
  #bytes: number;
  #file = "";
  #reported = 0;

  constructor(present: readonly number[], total: number, report: PullOptions["onProgress"]) {
    this.#positions = [...present];
    this.#bytes = present.reduce((sum, bytes) => sum + bytes, 0);
    this.#total = total;
    this.#report = report;
  }

  set(index: number, position: number, file: string): void {
    this.#bytes += position - this.#positions[index];
    this.#positions[index] = position;
    this.#file = file;
    if (performance.now() - this.#reported >= PROGRESS_MS) this.finish();
  }

  finish(): void {
    this.#reported = performance.now();
    this.#report?.({ file: this.#file, bytes: this.#bytes, total: this.#total });
  }
}
