/** Node side: what a model on a hub consists of. */
import { TandemError } from "../../errors.ts";
import { safePath } from "../safe-path.ts";
import { hashIn } from "./content-hash.ts";
import { isCommit, type ModelName } from "./model-name.ts";
import { type Hub, request, unreachable } from "./request.ts";

/** A file of a model, with everything needed to know whether it arrived. */
export interface RemoteFile {
  /** Relative and safe. */
  readonly path: string;
  readonly size: number;
  /** SHA-256 or git blob id; see `contentHash`. */
  readonly hash: string;
}

export interface Listing {
  readonly commit: string;
  readonly files: readonly (Partial<RemoteFile> & { readonly path: string })[];
}

/** A listing of 10,000 files has about 3 MB; the answer is held in memory. */
const MAX_LISTING_BYTES = 32_000_000;

/** Each file is at least one request. DeepSeek's largest has 163 shards and a few dozen others. */
const MAX_FILES = 20_000;

/** A small question is answered within this time or counts as lost. */
const ANSWER_MS = 60_000;

/** Commit and files of a revision. Sizes and hashes are there if the hub lists them. Errors as `request`, `checkpoint/unsafe-path`. */
export async function list(hub: Hub, { repo, revision }: ModelName, signal: AbortSignal): Promise<Listing> {
  const what = `the model ${repo} at ${revision}`;
  const bad = (reason: string) => new TandemError("hub/bad-response", { what, reason });
  const path = `/api/models/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const { response } = await request(hub, "GET", path, what, answerSignal(signal));
  const listing = parse(await readLimited(response, what), bad);
  const commit = listing.sha;
  if (typeof commit !== "string" || !isCommit(commit)) throw bad("it names no commit");
  if (isCommit(revision) && revision !== commit) throw bad("it answers for another commit");
  if (!Array.isArray(listing.siblings)) throw bad("it lists no files");
  if (listing.siblings.length > MAX_FILES) throw bad(`it lists more than ${MAX_FILES} files`);
  return { commit, files: listing.siblings.map((file) => parseFile(file, bad)) };
}

/** Completes what the listing left open by asking for the file's headers. */
export async function describe(
  hub: Hub,
  repo: string,
  commit: string,
  file: Listing["files"][number],
  signal: AbortSignal,
): Promise<RemoteFile> {
  const { path, size, hash } = file;
  if (size !== undefined && hash) return { path, size, hash };
  const reply = await request(hub, "HEAD", filePath(repo, commit, path), path, answerSignal(signal));
  const found = { path, size: size ?? reply.size, hash: hash ?? reply.hash };
  if (found.size === undefined) throw new TandemError("hub/bad-response", { what: path, reason: "its size is not told" });
  // Fail closed: bytes that cannot be verified are not worth having.
  if (!found.hash) throw new TandemError("hub/bad-response", { what: path, reason: "its hash is not told" });
  return found as RemoteFile;
}

/** Where the contents of a file are. */
export const filePath = (repo: string, commit: string, path: string): string =>
  `/${repo}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`;

function parseFile(value: unknown, bad: (reason: string) => Error): Listing["files"][number] {
  const { rfilename, size, blobId, lfs } = (value ?? {}) as Record<string, unknown>;
  if (typeof rfilename !== "string") throw bad("it lists a file without a name");
  const large = (lfs ?? undefined) as { sha256?: unknown; size?: unknown } | undefined;
  // Of a large file the blob id is that of the pointer to it, not of its contents.
  const hash = hashIn(large ? large.sha256 : blobId);
  const bytes = large?.size ?? size;
  const known = typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0;
  return { path: safePath(rfilename), ...(known && { size: bytes }), ...(hash && { hash }) };
}

async function readLimited(response: Response, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > MAX_LISTING_BYTES)
        throw new TandemError("hub/bad-response", { what, reason: `it is longer than ${MAX_LISTING_BYTES} bytes` });
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof TandemError ? error : unreachable(what, error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string, bad: (reason: string) => Error): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw bad("it is not JSON");
  }
}

const answerSignal = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
