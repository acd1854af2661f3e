import { TandemError } from "../../errors.ts";
import { readIndices, readTensorInto, readWeight, type WeightSource } from "../../tensor/index.ts";
import type { Kernels } from "./kernels.ts";
import type { MatrixLayout } from "./layout.ts";
import type { Banks } from "./memory.ts";

/** Brings a weight into its place: bytes as they lie in the file go there directly, the few forms that differ are made on the way. */
export class Loader {
  readonly #banks: Banks;
  /** Kernels on a bank, for re-encoding. */
  readonly #kernels: (bank: number) => Kernels;

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
    else if (layout.form === "int8-encoded") await this.#encode(source, layout, bank, data, scale);
    else {
      await readTensorInto(source.data, memory.bytes(data, layout.dataBytes));
      if (source.quantised) await readTensorInto(source.quantised.scale, memory.bytes(scale, layout.scaleBytes));
    }
  }

  async #encode(source: WeightSource, layout: MatrixLayout, bank: number, data: number, scale: number): Promise<void> {
    const { block, scale: scaleTensor } = source.quantised!;
    const place = this.#banks.allocate(source.data.byteLength + scaleTensor.byteLength + 64, bank);
    try {
      // The kernel works inside one memory; banks are never filled so far that this fails.
      if (place.bank !== bank) throw new TandemError("engine/out-of-memory", { bytes: place.bytes });
      const from = this.#banks.list[bank]!;
      const scaleAt = place.at + Math.ceil(source.data.byteLength / 64) * 64;
      await readTensorInto(source.data, from.bytes(place.at, source.data.byteLength));
      await readTensorInto(scaleTensor, from.bytes(scaleAt, scaleTensor.byteLength));
      const { rows, columns, blockColumns } = layout;
      const sizes = [
        columns,
        0,
        rows,
        Math.min(block.block.rows, rows),
        Math.min(block.block.columns, columns),
        block.scale === "F32" ? 1 : 0,
      ];
      this.#kernels(bank).encodeINT8!(data, scale, place.at, scaleAt, ...sizes, blockColumns);
    } finally {
      this.#banks.release(place);
    }
  }
}
