/**
 * Node side: the cache folder that all Hugging Face tools share, so that a model one of them fetched is there for the others.
 *
 *     models--ORG--NAME/blobs/HASH               contents, named by their hash; HASH.incomplete while arriving
 *     models--ORG--NAME/snapshots/COMMIT/PATH    links to blobs
 *     models--ORG--NAME/refs/REVISION            the commit a branch or tag meant when it was last fetched
 *
 * Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
import { randomBytes } from "node:crypto";
import { copyFile, link, mkdir, readFile, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { TandemError } from "../../errors.ts";
import { INDEX_FILE, SINGLE_FILE } from "../checkpoint.ts";
import { parseIndex } from "../index-json.ts";
import { MAX_INDEX_BYTES } from "../limits.ts";
import { diskFolder } from "../open-checkpoint-node.ts";
import { publish, writeAll } from "../publish-node.ts";
import { readWhole } from "../read-whole.ts";
import { safePath } from "../safe-path.ts";
import { isCommit, type ModelName, parseModelName } from "./model-name.ts";

/** `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub` (or under `XDG_CACHE_HOME`): the same rule as every other tool's. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface");
  return env.HF_HUB_CACHE || join(home, "hub");
}

/** Where a model's blobs, snapshots and refs lie. */
export const modelFolder = (cache: string, repo: string): string => join(cache, `models--${repo.replace("/", "--")}`);

export const blobPath = (folder: string, hash: string): string => join(folder, "blobs", hash);
export const snapshotPath = (folder: string, commit: string): string => join(folder, "snapshots", commit);

/**
 * The folder of a model given as a path, or as `ORG/NAME[@REVISION]` in the cache, whoever put it there. Uses no network.
 * Errors: `hub/not-cached`, `hub/incomplete` (config or weights missing), `checkpoint/bad-index` and the like.
 */
export async function resolveModel(nameOrPath: string, options: { readonly cacheDir?: string } = {}): Promise<string> {
  if (await isDirectory(nameOrPath)) return nameOrPath;
  const cache = options.cacheDir ?? cacheDirectory();
  const notCached = () => new TandemError("hub/not-cached", { name: nameOrPath, cache });
  let name: ModelName;
  try {
    name = parseModelName(nameOrPath);
  } catch {
    throw notCached();
  }
  const folder = modelFolder(cache, name.repo);
  const commit = isCommit(name.revision) ? name.revision : await readRef(folder, name.revision);
  if (!commit || !(await isDirectory(snapshotPath(folder, commit)))) throw notCached();
  const snapshot = snapshotPath(folder, commit);
  const missing = await firstMissing(snapshot);
  if (missing) throw new TandemError("hub/incomplete", { name: nameOrPath, missing });
  return snapshot;
}

/** Makes `snapshots/COMMIT/PATH` stand for a blob: a link, or where the system forbids those a hard link, or a copy. */
export async function addToSnapshot(folder: string, commit: string, path: string, hash: string): Promise<void> {
  const blob = blobPath(folder, hash);
  const place = join(snapshotPath(folder, commit), safePath(path));
  const target = relative(dirname(place), blob);
  if ((await readlink(place).catch(() => undefined)) === target) return;
  await mkdir(dirname(place), { recursive: true });
  const temporary = `${place}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    // Windows lets only administrators and developers make symbolic links.
    await symlink(target, temporary).catch(() => link(blob, temporary).catch(() => copyFile(blob, temporary)));
    await rename(temporary, place);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Records what a branch or tag means now. */
export async function writeRef(folder: string, revision: string, commit: string): Promise<void> {
  if (!isCommit(revision)) await publish([{ path: refPath(folder, revision), write: (file) => writeAll(file, Buffer.from(commit)) }]);
}

const refPath = (folder: string, revision: string): string => join(folder, "refs", safePath(revision));

async function readRef(folder: string, revision: string): Promise<string | undefined> {
  const text = await readFile(refPath(folder, revision), "utf8").catch(() => "");
  return isCommit(text.trim()) ? text.trim() : undefined;
}

/** The first file without which a snapshot cannot be opened; other tools fetch single files, and downloads get interrupted. */
async function firstMissing(snapshot: string): Promise<string | undefined> {
  const absent = async (path: string) => !(await stat(join(snapshot, path)).catch(() => undefined));
  if (await absent("config.json")) return "config.json";
  if (!(await absent(SINGLE_FILE))) return undefined;
  const index = await readWhole(diskFolder(snapshot), INDEX_FILE, MAX_INDEX_BYTES);
  if (!index) return `${SINGLE_FILE} (or its index)`;
  for (const shard of parseIndex(index, INDEX_FILE).shards) if (await absent(shard)) return shard;
  return undefined;
}

const isDirectory = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
