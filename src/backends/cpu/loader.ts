import { TandemError } from "../../errors.ts";
import { readIndices, readTensorInto, readWeight, type WeightSource } from "../../tensor/index.ts";
import type { Kernels } from "./kernels.ts";
import type { MatrixLayout } from "./layout.ts";
import { aligned, type Banks } from "./memory.ts";

/** Bytes of a weight that are read and encoded at a time, and weights of which that is done at the same time: what it takes of a bank's headroom. */
const ENCODED_TOGETHER = 1 << 20;
const ENCODINGS = 4;

/** Brings a weight into its place: bytes as they lie in the file go there directly, the few forms that differ are made on the way. */
export class Loader {
  readonly #banks: Banks;
  /** Kernels on a bank, for re-encoding and looking through. */
  readonly #kernels: (bank: number) => Kernels;
  #encodings = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(banks: Banks, kernels: (bank: number) => Kernels) {
    this.#banks = banks;
    this.#kernels = kernels;
  }

  /** Errors of the checkpoint's reads; `model/bad-index` for an index out of its bound. */
  async load(source: WeightSource, layout: MatrixLayout, bank: number, data: number, scale: number): Promise<void> {
    const memory = this.#banks.list[bank]!;
    const put = (values: Float32Array | Int32Array) =>
      memory.bytes(data, values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    if (layout.form === "index") put(await readIndices(source));
    else if (layout.form === "f32-expanded") put(await readWeight(source));
    else if (layout.form === "int8-encoded") {
      while (this.#encodings === ENCODINGS) await new Promise<void>((resume) => this.#waiting.push(resume));
      this.#encodings++;
      try {
        await this.#encode(source, layout, bank, data, scale);
      } finally {
        this.#encodings--;
        this.#waiting.shift()?.();
      }
    } else {
      await readTensorInto(source.data, memory.bytes(data, layout.dataBytes));
      if (source.quantised) await readTensorInto(source.quantised.scale, memory.bytes(scale, layout.scaleBytes));
    }
  }

  /** Whether a weight that has been loaded holds no NaN; only FP8 is looked through. */
  isRegular({ form, dataBytes }: MatrixLayout, bank: number, data: number): boolean {
    return form !== "fp8" || this.#kernels(bank).hasNaN!(data, dataBytes) === 0;
  }

  /** Some rows at a time, so that little is held twice. */
  async #encode(source: WeightSource, layout: MatrixLayout, bank: number, data: number, scale: number): Promise<void> {
    const { block, scale: scales } = source.quantised!;
    const { rows, columns, blockColumns } = layout;
    const [blockRows, sourceColumns] = [Math.min(block.block.rows, rows), Math.min(block.block.columns, columns)];
    const scaleRow = (block.scale === "F32" ? 4 : 1) * Math.ceil(columns / sourceColumns);
    const most = blockRows * Math.max(1, Math.floor(ENCODED_TOGETHER / (blockRows * columns)));
    const scaleOffset = aligned(Math.min(most, rows) * columns);
    const bytes = scaleOffset + aligned(scaleRow * Math.ceil(Math.min(most, rows) / blockRows));
    const place = this.#banks.allocateIn(bank, bytes);
    // The kernel works inside one memory; banks are never filled so far that this fails.
    if (!place) throw new TandemError("engine/out-of-memory", { bytes });
    try {
      const memory = this.#banks.list[bank]!;
      const scaleAt = place.at + scaleOffset;
      for (let row = 0; row < rows; row += most) {
        const count = Math.min(most, rows - row);
        const scaleRows = Math.ceil(count / blockRows);
        await readTensorInto(source.data, memory.bytes(place.at, count * columns), row * columns);
        await readTensorInto(scales, memory.bytes(scaleAt, scaleRows * scaleRow), (row / blockRows) * scaleRow);
        const [out, outScale] = [data + row * columns, scale + row * (layout.scaleBytes / rows)];
        const sizes = [columns, 0, count, blockRows, sourceColumns, block.scale === "F32" ? 1 : 0];
        this.#kernels(bank).encodeINT8!(out, outScale, place.at, scaleAt, ...sizes, blockColumns);
      }
    } finally {
      this.#banks.release(place);
    }
  }
}
