import { BASE64 as plain } from "../../../src/backends/cpu/kernels-plain.ts";
import { BASE64 as relaxed } from "../../../src/backends/cpu/kernels-relaxed.ts";

export const VARIANTS = ["plain", "relaxed"] as const;
export type Variant = (typeof VARIANTS)[number];

const modules = new Map<Variant, WebAssembly.Module>();

function compiled(variant: Variant): WebAssembly.Module {
  let module = modules.get(variant);
  if (module === undefined) {
    module = new WebAssembly.Module(Buffer.from({ plain, relaxed }[variant], "base64"));
    modules.set(variant, module);
  }
  return module;
}

type View = Uint8Array | Int8Array | Uint16Array | Int32Array | Uint32Array | Float32Array;

/** Bytes after an array that kernels may read and must not write. */
const AFTER = 64;
/** Every bit set: a NaN in all float formats, so that a kernel that uses what it may only read is caught. */
const POISON = 0xff;

/** One variant of the kernels on a shared memory of its own, filled with NaNs; arrays are laid out in it one after the other. */
export class Bank {
  /** The exported kernels, by name: byte addresses and numbers in. */
  readonly kernels: Readonly<Record<string, (...args: number[]) => number>>;
  readonly #memory: WebAssembly.Memory;
  #next = 1024;

  /** @param module another build than the committed one */
  constructor(variant: Variant, bytes = 2 ** 24, module: WebAssembly.Module = compiled(variant)) {
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536), maximum: 65536, shared: true });
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.kernels = exports as unknown as typeof this.kernels;
    this.bytes(0, this.#memory.buffer.byteLength).fill(POISON);
  }

  /** Address of `bytes` fresh bytes on a 64-byte boundary, plus `shift` to test other alignments. */
  take(bytes: number, shift = 0): number {
    const at = this.#next + shift;
    this.#next = Math.ceil((at + bytes + AFTER) / 64) * 64;
    return at;
  }

  /** Address of a copy of `data`. */
  put(data: View, shift = 0): number {
    const at = this.take(data.byteLength, shift);
    this.bytes(at, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return at;
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  /** Whether the bytes between `at` and `at + length` are as nobody has written them. */
  untouched(at: number, length: number): boolean {
    return this.bytes(at, length).every((b) => b === POISON);
  }
}
