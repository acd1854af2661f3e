import { PREPARE, PREPARED, PRODUCTS, type Prepared } from "../backends/cpu/products.ts";
import type { Probe } from "./probe-crew-node.ts";

/** A way in which weights lie, and the kernel that multiplies them. */
export interface Form {
  readonly kernel: string;
  readonly bits: number;
  /** Weights that share a scale of so many bytes. */
  readonly block?: { readonly rows: number; readonly columns: number; readonly bytes: number };
  /** Form of the inputs; absent: float32. */
  readonly prepared?: Prepared;
}

/** The products of the profiles `float`, `official` and `int8`, as they lie in published checkpoints. */
export const FORMS: readonly Form[] = [
  { kernel: "matmulF32", bits: 32 },
  { kernel: "matmulBF16", bits: 16 },
  { kernel: "matmulFP8", bits: 8, block: { rows: 128, columns: 128, bytes: 1 } },
  { kernel: "matmulFP8Scaled", bits: 8, block: { rows: 128, columns: 128, bytes: 1 }, prepared: "fp8" },
  { kernel: "matmulFP4", bits: 4, block: { rows: 1, columns: 32, bytes: 1 } },
  { kernel: "matmulFP4Fixed", bits: 4, block: { rows: 1, columns: 32, bytes: 1 }, prepared: "fp4" },
  { kernel: "matmulINT8Fixed", bits: 8, block: { rows: 1, columns: 64, bytes: 4 }, prepared: "int8" },
];

/** Columns of all matrices: between an expert's 2048 and a hidden state's 4096 to 7168 lies most of a model. */
export const COLUMNS = 2048;
export const MOST_TOKENS = 64;

/** Weights of at most so many bytes, scales behind them, from address `at` on. */
export class Matrix {
  readonly form: Form;
  readonly rows: number;
  readonly at: number;
  readonly #dataBytes: number;
  readonly #scaleBytes: number;

  constructor(form: Form, at: number, bytes: number) {
    const { bits, block } = form;
    const rowBytes = (bits * COLUMNS) / 8 + (block ? ((COLUMNS / block.columns) * block.bytes) / block.rows : 0);
    this.form = form;
    this.at = at;
    this.rows = Math.floor(bytes / rowBytes / 4) * 4;
    this.#dataBytes = (this.rows * bits * COLUMNS) / 8;
    this.#scaleBytes = block ? Math.ceil(this.rows / block.rows) * (COLUMNS / block.columns) * block.bytes : 0;
  }

  /** What a product reads: weights and scales. */
  get bytes(): number {
    return this.#dataBytes + this.#scaleBytes;
  }

  /** Arguments of the kernel for outputs [begin, end). */
  args(inputs: Inputs, tokens: number, begin: number, end: number): readonly number[] {
    const { kernel, block } = this.form;
    const { at: x, pitch } = inputs.of(this.form);
    let args: readonly number[] = [];
    const take = (...given: number[]) => {
      args = given;
      return 0;
    };
    const product = PRODUCTS.find((p) => p.kernel === kernel)!;
    const scale = this.at + this.#dataBytes;
    const blocks = [block?.rows ?? 1, block?.columns ?? COLUMNS, block?.bytes === 4 ? 1 : 0] as const;
    product.call(take, inputs.results, 4 * this.rows, x, pitch, tokens, this.at, scale, COLUMNS, begin, end, 1, ...blocks);
    return args;
  }
}

/** Input rows in every form a kernel takes, and room for results, below the bytes that are read. */
export class Inputs {
  readonly results: number;
  readonly #places = new Map<Prepared | undefined, { readonly at: number; readonly pitch: number }>();

  constructor({ memory, kernels }: Probe) {
    let next = 1024;
    const take = (rowBytes: number) => {
      const pitch = Math.ceil(rowBytes / 64) * 64;
      const at = next;
      next += pitch * MOST_TOKENS;
      return { at, pitch };
    };
    const floats = take(4 * COLUMNS);
    const x = new Float32Array(memory.buffer, floats.at, COLUMNS * MOST_TOKENS);
    for (let i = 0; i < x.length; i++) x[i] = Math.sin(i);
    this.#places.set(undefined, floats);
    for (const form of PREPARED) {
      const place = take(kernels[PREPARE[form].bytes]!(COLUMNS));
      kernels[PREPARE[form].kernel]!(place.at, place.pitch, floats.at, floats.pitch, MOST_TOKENS, COLUMNS);
      this.#places.set(form, place);
    }
    this.results = next;
  }

  of({ prepared }: Form): { readonly at: number; readonly pitch: number } {
    return this.#places.get(prepared)!;
  }
}
