import type { StoredTensor } from "../tensor/index.ts";

/** Random access to bytes: a file in Node, a Blob in a page, a buffer in a test. */
export interface ByteSource {
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes at `offset`, or an error with a code; never fewer. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The same, straight into `target`; absent where there is no way around a copy. */
  readInto?(target: Uint8Array, offset: number): Promise<void>;
  close(): Promise<void>;
}

/** A folder of files: on disk, chosen in a page, or made up in a test. */
export interface Folder {
  /** Where it is, for messages. */
  readonly location: string;
  /** Opens a file by its relative path with `/`; undefined if there is none. The caller closes it. */
  open(path: string): Promise<ByteSource | undefined>;
}

/** An opened checkpoint folder: headers parsed and checked, weights unread. */
export interface Checkpoint {
  /** Where it came from, for messages. */
  readonly location: string;
  /** `config.json` parsed, unvalidated beyond being a JSON object. */
  readonly config: Readonly<Record<string, unknown>>;
  /** All tensors of all shards by name, in file order. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** `metadata.total_size` of the index, if it has one: what the publisher says the tensors take, in bytes. Shown, never relied on. */
  readonly totalSize: number | undefined;
  /** Shard files with their sizes in bytes (if only headers are present: the sizes they declare). */
  readonly files: readonly { readonly name: string; readonly size: number }[];
  /** Shards the index names that are not there; only ever any if the checkpoint was opened for its headers. */
  readonly missingFiles: readonly string[];
  /** A small side file (tokenizer.json, encoding/…) as bytes, or undefined if it is not there. Named size limit applies. */
  sideFile(path: string): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}
