import { TandemError } from "../errors.ts";
import type { StorageType, StoredTensor } from "../tensor/index.ts";
import { checkRange } from "./range.ts";
import type { TensorEntry } from "./safetensors.ts";
import type { ByteSource } from "./types.ts";

/** A tensor in a shard. A class, because Pro has 145,116 of them and closures would cost each its own copy of `read`. */
export class ShardTensor implements StoredTensor {
  readonly name: string;
  readonly type: StorageType;
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly #source: ByteSource;
  /** Position of the first byte in the file. */
  readonly #start: number;

  constructor(entry: TensorEntry, source: ByteSource, dataStart: number) {
    this.name = entry.name;
    this.type = entry.type;
    this.shape = entry.shape;
    this.byteLength = entry.end - entry.begin;
    this.#source = source;
    this.#start = dataStart + entry.begin;
  }

  async read(offset = 0, length = this.byteLength - offset): Promise<Uint8Array> {
    this.#check(offset, length);
    return this.#source.read(this.#start + offset, length);
  }

  async readInto(target: Uint8Array, offset: number): Promise<void> {
    this.#check(offset, target.length);
    if (this.#source.readInto) await this.#source.readInto(target, this.#start + offset);
    else target.set(await this.#source.read(this.#start + offset, target.length));
  }

  #check(offset: number, length: number): void {
    checkRange(this.name, offset, length, this.byteLength);
    // Only possible in a checkpoint that was opened with `headersOnly`; otherwise the header has been checked against the file.
    if (this.#start + offset + length > this.#source.size)
      throw new TandemError("checkpoint/headers-only", { file: this.#source.name, name: this.name });
  }
}
