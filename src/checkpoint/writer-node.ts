/** Node side: writing safetensors files as a stream. */

import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "../errors.ts";
import { INDEX_FILE, SINGLE_FILE } from "./checkpoint.ts";
import { byteLength, dtypeOf } from "./dtypes.ts";
import { type EncodedHeader, encodeHeader, type TensorSpec } from "./encode-header.ts";
import { type FileToWrite, publish, writeAll } from "./publish-node.ts";
import { safePath } from "./safe-path.ts";

/** A tensor to be written. `data` is called once, when its turn comes: whole, or in pieces for tensors larger than memory. */
export interface TensorToWrite extends TensorSpec {
  data(): Uint8Array | Promise<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface WriteOptions {
  /** Goes to `__metadata__`. */
  readonly metadata?: ReadonlyMap<string, string>;
  /** Called after each tensor with the bytes written so far and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CheckpointOptions extends WriteOptions {
  /** Tensors go in the given order to files of at most this size (a larger tensor gets its own file). Default 5 GB, the hub's custom. */
  readonly maxShardBytes?: number;
  /** Other files of the folder by relative path: `config.json`, `tokenizer.json`, … */
  readonly sideFiles?: ReadonlyMap<string, Uint8Array>;
}

/** Writes one safetensors file. It appears under its name complete or not at all. Errors as `encodeHeader`, `wrong-byte-length`, `write-failed`. */
export async function writeSafetensors(path: string, tensors: readonly TensorToWrite[], options: WriteOptions = {}): Promise<void> {
  const header = encodeHeader(tensors, path, options.metadata);
  const progress = counter(header.dataSize, options.onProgress);
  await publish([{ path, write: (file) => writeTensors(file, path, header, progress) }]);
}

/** Only a header, without the data it announces: for looking at layouts, and for tests (`headersOnly`). */
export async function writeHeaderOnly(path: string, tensors: readonly TensorSpec[], metadata?: ReadonlyMap<string, string>): Promise<void> {
  const { bytes } = encodeHeader(tensors, path, metadata);
  await publish([{ path, write: (file) => writeAll(file, bytes) }]);
}

/**
 * Writes a checkpoint folder: `model.safetensors`, or shards and their index if there is more than one. All files get their names
 * only after the last byte of the last one is on disk, the index last of all, so an interrupted run leaves no checkpoint behind.
 */
export async function writeCheckpoint(
  directory: string,
  tensors: readonly TensorToWrite[],
  options: CheckpointOptions = {},
): Promise<void> {
  const groups = intoShards(tensors, options.maxShardBytes ?? 5e9);
  const nameOf = (i: number) => (groups.length === 1 ? SINGLE_FILE : `model-${pad(i + 1)}-of-${pad(groups.length)}.safetensors`);
  const headers = groups.map((group, i) => encodeHeader(group, nameOf(i), options.metadata));
  const total = headers.reduce((sum, header) => sum + header.dataSize, 0);
  const progress = counter(total, options.onProgress);
  const files: FileToWrite[] = headers.map((header, i) => ({
    path: join(directory, nameOf(i)),
    write: (file) => writeTensors(file, nameOf(i), header, progress),
  }));
  for (const [path, bytes] of options.sideFiles ?? [])
    files.push({ path: join(directory, safePath(path)), write: (file) => writeAll(file, bytes) });
  if (groups.length > 1) {
    const text = indexJson(
      groups.map((group, i) => [nameOf(i), group] as const),
      total,
    );
    files.push({ path: join(directory, INDEX_FILE), write: (file) => writeAll(file, new TextEncoder().encode(text)) });
  }
  await publish(files);
}

async function writeTensors(
  file: FileHandle,
  name: string,
  header: EncodedHeader<TensorToWrite>,
  progress: (bytes: number) => void,
): Promise<void> {
  await writeAll(file, header.bytes);
  for (const { tensor, byteLength: expected } of header.order) {
    const wrongLength = (actual: number) =>
      new TandemError("checkpoint/wrong-byte-length", { file: name, name: tensor.name, actual, expected });
    let actual = 0;
    for await (const piece of pieces(await tensor.data())) {
      actual += piece.length;
      // Before writing: a source that never ends must not fill the disk.
      if (actual > expected) throw wrongLength(actual);
      await writeAll(file, piece);
    }
    if (actual !== expected) throw wrongLength(actual);
    progress(expected);
  }
}

const pieces = (data: Uint8Array | AsyncIterable<Uint8Array>) => (data instanceof Uint8Array ? [data] : data);

/** Cuts a list of tensors into runs of at most `most` bytes. */
function intoShards(tensors: readonly TensorToWrite[], most: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [[]];
  const names = new Set<string>();
  let size = 0;
  for (const tensor of tensors) {
    const { name } = tensor;
    if (names.has(name)) throw new TandemError("checkpoint/duplicate-tensor", { file: INDEX_FILE, name });
    names.add(name);
    // An unwritable type or shape counts as nothing here; `encodeHeader` refuses it with its reason.
    const bytes = byteLength(tensor.shape, dtypeOf(tensor.type)?.bits ?? 0) ?? 0;
    if (size > 0 && size + bytes > most) {
      shards.push([]);
      size = 0;
    }
    shards.at(-1)!.push(tensor);
    size += bytes;
  }
  return shards;
}

function indexJson(shards: readonly (readonly [string, readonly TensorSpec[]])[], totalSize: number): string {
  const lines = shards.flatMap(([file, tensors]) => tensors.map(({ name }) => `    ${JSON.stringify(name)}: ${JSON.stringify(file)}`));
  return `{\n  "metadata": { "total_size": ${totalSize} },\n  "weight_map": {\n${lines.join(",\n")}\n  }\n}\n`;
}

const pad = (n: number): string => String(n).padStart(5, "0");

function counter(total: number, onProgress: WriteOptions["onProgress"]): (bytes: number) => void {
  let done = 0;
  return (bytes) => onProgress?.((done += bytes), total);
}
