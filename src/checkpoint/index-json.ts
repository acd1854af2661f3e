import { TandemError } from "../errors.ts";
import { JsonScanner } from "./json-scanner.ts";
import { MAX_SHARDS, MAX_TENSORS } from "./limits.ts";
import { safePath } from "./safe-path.ts";
import { nameDefect, quoted } from "./tensor-name.ts";

/** `model.safetensors.index.json`: which shard holds which tensor. */
export interface CheckpointIndex {
  /** Tensor name to shard file name, in the order of the file. */
  readonly weightMap: ReadonlyMap<string, string>;
  /** Distinct shard names, in order of first use; each a safe relative path. */
  readonly shards: readonly string[];
  /** `metadata.total_size`: bytes of all tensors, as the writer claims. Often absent or stale, so it is only shown, never relied on. */
  readonly totalSize: number | undefined;
}

/**
 * Reads an index. Fields other than `weight_map` and `metadata.total_size` are skipped.
 * Errors: `checkpoint/bad-index`, `bad-name`, `unsafe-path`, `duplicate-tensor`, `too-many-tensors`, `too-many-shards`.
 */
export function parseIndex(bytes: Uint8Array, file: string): CheckpointIndex {
  const bad = (reason: string) => new TandemError("checkpoint/bad-index", { file, reason });
  const scanner = new JsonScanner(decode(bytes, bad), bad);
  let weightMap: Map<string, string> | undefined;
  let totalSize: number | undefined;
  scanner.object((key) => {
    if (key === "weight_map") {
      if (weightMap) throw bad("weight_map appears twice");
      weightMap = parseWeightMap(scanner, file);
    } else if (key === "metadata" && scanner.peek() === "{") {
      scanner.object((field) => {
        const size = field === "total_size" ? scanner.natural() : undefined;
        if (size === undefined) scanner.skip();
        else totalSize = size;
      });
    } else {
      scanner.skip();
    }
  });
  scanner.end();
  if (!weightMap) throw bad("there is no weight_map");
  const shards = [...new Set(weightMap.values())];
  if (shards.length > MAX_SHARDS) throw new TandemError("checkpoint/too-many-shards", { file, limit: MAX_SHARDS });
  return { weightMap, shards: shards.map(safePath), totalSize };
}

function parseWeightMap(scanner: JsonScanner, file: string): Map<string, string> {
  const map = new Map<string, string>();
  scanner.object((name) => {
    const defect = nameDefect(name);
    if (defect) throw new TandemError("checkpoint/bad-name", { file, name: quoted(name), reason: defect });
    if (map.has(name)) throw new TandemError("checkpoint/duplicate-tensor", { file, name });
    if (map.size === MAX_TENSORS) throw new TandemError("checkpoint/too-many-tensors", { file, limit: MAX_TENSORS });
    map.set(name, scanner.string());
  });
  return map;
}

function decode(bytes: Uint8Array, bad: (reason: string) => Error): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw bad("it is not UTF-8");
  }
}
