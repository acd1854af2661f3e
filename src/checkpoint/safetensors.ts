/**
 * The safetensors format: 8 bytes header length (little-endian), a JSON header, then the tensors' bytes.
 *
 *     {"__metadata__": {"format": "pt"}, "norm.weight": {"dtype": "BF16", "shape": [4096], "data_offsets": [0, 8192]}, …}
 *
 * Offsets count from the end of the header. The tensors must cover the rest of the file exactly: no holes, no overlaps, nothing
 * behind the last one. (Bytes that no tensor owns can hide a second file of another kind in the first.) So a header that passes
 * here promises nothing that the file does not have, and the largest read is bounded by the file's size.
 * Source: https://github.com/huggingface/safetensors#format
 */
import { TandemError } from "../errors.ts";
import type { StorageType } from "../tensor/index.ts";
import { checkLayout } from "./layout.ts";
import { MAX_HEADER_BYTES } from "./limits.ts";
import { parseHeader } from "./parse-header.ts";
import type { ByteSource } from "./types.ts";

/** One tensor as the header describes it. */
export interface TensorEntry {
  readonly name: string;
  /** As in the file, such as `F8_E4M3`. */
  readonly dtype: string;
  readonly type: StorageType;
  readonly shape: readonly number[];
  /** First byte and the one after the last, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** In the order of their bytes. */
  readonly tensors: readonly TensorEntry[];
  /** Where in the file the tensors' bytes start. */
  readonly dataStart: number;
  /** Size the file has by its header; what it really has, unless only the headers were kept. */
  readonly fileSize: number;
}

/**
 * Reads and checks a header; two reads, no tensor bytes. Every defect has its own `checkpoint/…` code.
 * With `headersOnly` the file may end right behind its header or anywhere in the data; all else is checked as ever.
 */
export async function readHeader(source: ByteSource, { headersOnly = false } = {}): Promise<SafetensorsHeader> {
  const file = source.name;
  if (source.size < 8) throw new TandemError("checkpoint/truncated-header", { file, size: source.size, needed: 8 });
  const length = await source.read(0, 8);
  const headerLength = new DataView(length.buffer, length.byteOffset).getBigUint64(0, true);
  if (headerLength > MAX_HEADER_BYTES)
    throw new TandemError("checkpoint/header-too-large", { file, length: headerLength, limit: MAX_HEADER_BYTES });
  const dataStart = 8 + Number(headerLength);
  if (dataStart > source.size) throw new TandemError("checkpoint/truncated-header", { file, size: source.size, needed: dataStart });

  const { metadata, tensors } = parseHeader(decode(await source.read(8, dataStart - 8), file), file);
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const fileSize = checkLayout(tensors, dataStart, source, headersOnly);
  return { metadata, tensors, dataStart, fileSize };
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TandemError("checkpoint/header-not-utf8", { file }, { cause });
  }
}
