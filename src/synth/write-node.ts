/** Node side: a synthetic checkpoint on disk. */

import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { MAX_SHARDS } from "../checkpoint/index.ts";
import { openCheckpoint, requireSpace, type TensorToWrite, writeCheckpoint } from "../checkpoint/node.ts";
import { TandemError } from "../errors.ts";
import { loadTokenizer } from "../text/index.ts";
import type { Family, PublishedConfig } from "./published.ts";
import { configOf, parameterCount } from "./shape.ts";
import { type SyntheticTensor, syntheticTensors } from "./tensors.ts";

export interface SynthOptions {
  readonly like: Family;
  /** Numbers the model shall have, or `full` for as many as the family's. */
  readonly scale: number | "full";
  /** Whole number from 0 on. Default 0. */
  readonly seed?: number;
  /** Bytes of a file at most. Default 4 GiB. */
  readonly maxShardBytes?: number;
  /** Replaces the checkpoint in a folder that is not empty; files that belong to none stay. */
  readonly force?: boolean;
  /** A `tokenizer.json` to put into the folder, with no id beyond the vocabulary. Without one there is no text side. */
  readonly tokenizer?: Uint8Array;
  /** Stops the writing, which then fails with `synth/aborted` and leaves no checkpoint. */
  readonly signal?: AbortSignal;
  /** Called after each tensor with the bytes written so far and in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface SynthResult {
  readonly location: string;
  readonly parameters: number;
  /** Of all weight files, headers included. */
  readonly bytes: number;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly config: PublishedConfig;
}

const DEFAULT_SHARD_BYTES = 2 ** 32;
const PIECE_BYTES = 2 ** 20;
/** A header's entry of about 130 bytes and the index's of about 100, rounded up. */
const ENTRY_BYTES = 300;

/**
 * Writes a random checkpoint of a family's shape. Memory: under 1 kB a tensor, whatever their sizes. Errors: `synth/bad-option`,
 * `synth/not-empty`, `synth/no-space`, `synth/aborted`, those of `loadTokenizer` and `writeCheckpoint`.
 */
export async function writeSynthetic(directory: string, options: SynthOptions): Promise<SynthResult> {
  const { like, scale, seed = 0, maxShardBytes = DEFAULT_SHARD_BYTES, signal, tokenizer } = options;
  if (!(Number.isSafeInteger(seed) && seed >= 0))
    throw new TandemError("synth/bad-option", { option: "seed", value: seed, expected: "a whole number from 0 on" });
  const config = configOf(like, scale);
  if (tokenizer) requireIds(tokenizer, config.vocab_size);
  const tensors = syntheticTensors(config, seed);
  const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  // Two neighbouring files together exceed the limit, or they would be one: so there are at most 2 total / limit + 1.
  const least = Math.ceil((2 * total) / (MAX_SHARDS - 1));
  if (!(maxShardBytes >= least))
    throw new TandemError("synth/bad-option", { option: "max-shard", value: maxShardBytes, expected: `at least ${least} bytes` });

  const old = await oldFiles(directory, options.force ?? false);
  const freed = await Promise.all(old.map(async (path) => (await stat(path)).size));
  await requireSpace(directory, total + ENTRY_BYTES * tensors.length - freed.reduce((sum, size) => sum + size, 0), "synth/no-space");
  for (const path of old) await rm(path);

  const buffer = new Uint8Array(PIECE_BYTES);
  await writeCheckpoint(
    directory,
    tensors.map((tensor) => toWrite(tensor, buffer, signal)),
    {
      maxShardBytes,
      metadata: new Map([
        ["format", "pt"],
        ["synthetic", `random weights, like ${like}, seed ${seed}`],
      ]),
      sideFiles: new Map([
        ["config.json", new TextEncoder().encode(`${JSON.stringify(config, undefined, 2)}\n`)],
        ...(tokenizer ? [["tokenizer.json", tokenizer] as const] : []),
      ]),
      ...(options.onProgress && { onProgress: options.onProgress }),
    },
  );
  const { files, close } = await openCheckpoint(directory);
  await close();
  return { location: directory, parameters: parameterCount(config), bytes: files.reduce((sum, { size }) => sum + size, 0), files, config };
}

function requireIds(tokenizer: Uint8Array, vocabulary: number): void {
  const { size } = loadTokenizer(tokenizer);
  if (size > vocabulary)
    throw new TandemError("synth/bad-option", {
      option: "tokenizer",
      value: `one of ${size} ids`,
      expected: `at most ${vocabulary}, the vocabulary at this scale`,
    });
}

/** In pieces, all in the one buffer: the writer has written a piece when it asks for the next. */
function toWrite(
  { name, type, shape, byteLength, fill }: SyntheticTensor,
  buffer: Uint8Array,
  signal: AbortSignal | undefined,
): TensorToWrite {
  async function* data() {
    for (let at = 0; at < byteLength; at += buffer.length) {
      if (signal?.aborted) throw new TandemError("synth/aborted");
      const piece = buffer.subarray(0, Math.min(buffer.length, byteLength - at));
      fill(piece, at);
      yield piece;
    }
  }
  return { name, type, shape, data };
}

/** Files of a checkpoint, and what a killed writer left of one; `config.json` and the index first, without which the rest is none. */
const CHECKPOINT_FILES = [/^config\.json/, /^model\.safetensors\.index\.json/, /^model(-\d{5}-of-\d{5})?\.safetensors/];
const isOld = (name: string) => CHECKPOINT_FILES.some((pattern) => /^(\.[0-9a-f]{12}\.tmp)?$/.test(name.replace(pattern, "")));

async function oldFiles(directory: string, force: boolean): Promise<string[]> {
  const names = await readdir(directory).catch((cause) => {
    if (cause.code === "ENOENT") return [];
    throw new TandemError("io/failed", { action: `Looking into ${directory}`, reason: cause.message }, { cause });
  });
  if (names.length > 0 && !force) throw new TandemError("synth/not-empty", { folder: directory });
  const rank = (name: string) => CHECKPOINT_FILES.findIndex((pattern) => pattern.test(name));
  return names
    .filter(isOld)
    .sort((a, b) => rank(a) - rank(b))
    .map((name) => join(directory, name));
}
