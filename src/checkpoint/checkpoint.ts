import { TandemError } from "../errors.ts";
import type { StoredTensor } from "../tensor/index.ts";
import { type CheckpointIndex, parseIndex } from "./index-json.ts";
import { MAX_CONFIG_BYTES, MAX_INDEX_BYTES, MAX_SIDE_FILE_BYTES, MAX_TENSORS } from "./limits.ts";
import { readWhole } from "./read-whole.ts";
import { safePath } from "./safe-path.ts";
import { readHeader } from "./safetensors.ts";
import { ShardTensor } from "./stored-tensor.ts";
import type { ByteSource, Checkpoint, Folder } from "./types.ts";

export const SINGLE_FILE = "model.safetensors";
export const INDEX_FILE = "model.safetensors.index.json";

export interface OpenOptions {
  /**
   * Accept shards whose data is absent or cut off, and shards that are not there at all: headers are checked as ever, reading the
   * missing bytes is `checkpoint/headers-only`, absent shards are listed in `missingFiles`.
   */
  readonly headersOnly?: boolean;
}

/**
 * Opens a checkpoint: `config.json` and either `model.safetensors` or an index with its shards. No tensor data is read.
 * Shards are opened one after the other, so that a hostile set cannot ask for all its headers at once.
 * Errors: `checkpoint/not-a-checkpoint`, `bad-config`, `shard-missing`, those of `parseIndex` and `readHeader`, `io/failed`.
 */
export async function openFolder(folder: Folder, { headersOnly = false }: OpenOptions = {}): Promise<Checkpoint> {
  const { location, config, sideFile } = await openSideFiles(folder);
  if (!config) throw new TandemError("checkpoint/not-a-checkpoint", { location, reason: "config.json is not there" });
  const single = await folder.open(SINGLE_FILE);
  const opened: ByteSource[] = single ? [single] : [];
  const close = async () => void (await Promise.all(opened.map((source) => source.close())));
  try {
    // Where both are present the single file counts, as for other tools.
    const index = single ? undefined : await readIndex(folder);
    const names = index ? [] : [SINGLE_FILE];
    const missingFiles: string[] = [];
    for (const name of index?.shards ?? []) {
      const shard = await folder.open(name);
      if (!shard && !headersOnly) throw new TandemError("checkpoint/shard-missing", { location, file: name });
      if (!shard) missingFiles.push(name);
      else {
        opened.push(shard);
        names.push(name);
      }
    }
    const tensors = new Map<string, StoredTensor>();
    const files: { name: string; size: number }[] = [];
    for (const [i, shard] of opened.entries()) {
      const header = await readHeader(shard, { headersOnly });
      files.push({ name: names[i], size: header.fileSize });
      for (const entry of header.tensors) {
        const { name } = entry;
        if (tensors.has(name)) throw new TandemError("checkpoint/duplicate-tensor", { file: shard.name, name, other: "another shard" });
        if (index && index.weightMap.get(name) !== names[i])
          throw new TandemError("checkpoint/tensor-not-in-index", { file: shard.name, name });
        tensors.set(name, new ShardTensor(entry, shard, header.dataStart));
      }
      if (tensors.size > MAX_TENSORS) throw new TandemError("checkpoint/too-many-tensors", { file: location, limit: MAX_TENSORS });
    }
    for (const [name, file] of index?.weightMap ?? [])
      if (!tensors.has(name) && !missingFiles.includes(file)) throw new TandemError("checkpoint/tensor-missing", { file, name });
    return { location, config, tensors, totalSize: index?.totalSize, files, missingFiles, sideFile, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a model folder has besides weights; `config` is undefined if there is no config.json. Errors: `checkpoint/bad-config`, `file-too-large`. */
export async function openSideFiles(
  folder: Folder,
): Promise<Pick<Checkpoint, "location" | "sideFile"> & { readonly config: Checkpoint["config"] | undefined }> {
  const { location } = folder;
  const config = await readWhole(folder, "config.json", MAX_CONFIG_BYTES);
  return {
    location,
    config: config && parseConfig(config, location),
    sideFile: async (path) => readWhole(folder, safePath(path), MAX_SIDE_FILE_BYTES),
  };
}

/**
 * The same from given files, named by their paths in the folder (`config.json`, `encoding/…`): files chosen in a page, or bytes in a test.
 * The sources stay the caller's to close.
 */
export function checkpointFromSources(sources: Iterable<ByteSource>, options?: OpenOptions & { location?: string }): Promise<Checkpoint> {
  const lent = (source: ByteSource): ByteSource => ({
    name: source.name,
    size: source.size,
    read: (offset, length) => source.read(offset, length),
    close: async () => {},
  });
  const byName = new Map([...sources].map((source) => [source.name, lent(source)]));
  return openFolder({ location: options?.location ?? "files", open: async (path) => byName.get(path) }, options);
}

async function readIndex(folder: Folder): Promise<CheckpointIndex> {
  const bytes = await readWhole(folder, INDEX_FILE, MAX_INDEX_BYTES);
  if (bytes) return parseIndex(bytes, INDEX_FILE);
  throw new TandemError("checkpoint/not-a-checkpoint", {
    location: folder.location,
    reason: `neither ${SINGLE_FILE} nor ${INDEX_FILE} is there`,
  });
}

function parseConfig(bytes: Uint8Array, location: string): Readonly<Record<string, unknown>> {
  let config: unknown;
  try {
    config = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new TandemError("checkpoint/bad-config", { location, reason: "is not JSON" }, { cause });
  }
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw new TandemError("checkpoint/bad-config", { location, reason: "is not an object" });
  return config as Record<string, unknown>;
}
