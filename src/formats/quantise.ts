import type { BlockFormat } from "./block-format.ts";
import {
  blockColumns,
  blockMax,
  blockRows,
  checkLength,
  planOf,
  scaleValue,
  storedScale,
  tensorScaleOf,
  type Values,
} from "./block-plan.ts";
import { roundRun } from "./round-run.ts";
import { codeTable, decodeTable } from "./tables.ts";

/** A matrix in a block format. */
export interface Quantised {
  /** Row-major codes: one a byte, or packed two a byte, low nibble first, rows of ceil(columns / 2) bytes. */
  readonly elements: Uint8Array;
  readonly packed: boolean;
  /** One scale a block, row-major: codes of the scale format, or its float32 values if that is F32. */
  readonly scales: Uint8Array | Float32Array;
  /** ceil(rows / block rows), ceil(columns / block columns). */
  readonly scaleShape: readonly [number, number];
  /** Multiplies every block scale (NVFP4); 1 elsewhere. */
  readonly tensorScale: number;
}

export interface QuantiseOptions {
  /** Two elements a byte; only for 4-bit elements, where it is the default. */
  readonly pack?: boolean;
  /** Use this second-level scale instead of one from the values (NVFP4 with a calibrated scale). */
  readonly tensorScale?: number;
}

/**
 * Quantises a row-major matrix. Everything is float32 as in the kernels: amax, scale, and `value / scale` when the scale is not a
 * power of two (when it is, the quotient is exact and elements of a Float64Array are rounded once).
 *
 * A block with a NaN, an infinity or a value too large for float32 gets a NaN scale and zero codes: it reads back as NaN, whole, instead
 * of as plausible numbers. A scale of 0 (a zero row in INT8, underflow in NVFP4) gives zero codes.
 * @throws TandemError `formats/length` unless values.length = rows * columns
 */
export function quantise(block: BlockFormat, values: Values, rows: number, columns: number, options: QuantiseOptions = {}): Quantised {
  checkLength("values", values.length, rows * columns);
  const plan = planOf(block);
  const packed = plan.element.bits === 4 && options.pack !== false;
  const tensorScale = options.tensorScale ?? tensorScaleOf(plan, values);
  const height = blockRows(block, rows);
  const width = blockColumns(block, columns);
  const scaleShape = [Math.ceil(rows / height), Math.ceil(columns / width)] as const;
  const scales = new (plan.scale.bits === 32 ? Float32Array : Uint8Array)(scaleShape[0] * scaleShape[1]);
  const pitch = packed ? Math.ceil(columns / 2) : columns;
  const elements = new Uint8Array(rows * pitch);
  const codes = codeTable(block.element);
  const rounded = new Float32Array(width);
  const bits = new Uint32Array(rounded.buffer);
  let b = 0;
  for (let r0 = 0; r0 < rows; r0 += height) {
    const r1 = Math.min(r0 + height, rows);
    for (let c0 = 0; c0 < columns; c0 += width) {
      const c1 = Math.min(c0 + width, columns);
      const stored = storedScale(plan, blockMax(values, columns, r0, r1, c0, c1), tensorScale);
      scales[b++] = stored;
      const scale = scaleValue(plan, stored, tensorScale);
      if (!(scale > 0)) continue;
      for (let r = r0; r < r1; r++) {
        const start = r * columns + c0;
        roundRun(plan, values, start, start + c1 - c0, scale, rounded, 0, 1);
        const to = r * pitch;
        if (packed) for (let c = c0; c < c1; c++) elements[to + (c >> 1)] |= codes[bits[c - c0] >>> 16] << ((c & 1) << 2);
        else for (let c = c0; c < c1; c++) elements[to + c] = codes[bits[c - c0] >>> 16];
      }
    }
  }
  return { elements, packed, scales, scaleShape, tensorScale };
}

/**
 * Element * scale, rounded to float32. Takes elements packed or one a byte (told apart by their number), and scales as codes or as
 * float32 values (V3 and V3.1 checkpoints store power-of-two scales as F32).
 * @throws TandemError `formats/length` if elements, scales or `out` do not fit rows, columns and the block
 */
export function dequantise(
  block: BlockFormat,
  elements: Uint8Array,
  scales: Uint8Array | Float32Array,
  rows: number,
  columns: number,
  out: Float32Array = new Float32Array(rows * columns),
  tensorScale = 1,
): Float32Array {
  const plan = planOf(block);
  const height = blockRows(block, rows);
  const width = blockColumns(block, columns);
  const acrossScales = Math.ceil(columns / width);
  const halfPitch = Math.ceil(columns / 2);
  const packed = plan.element.bits === 4 && elements.length === rows * halfPitch;
  if (!packed) checkLength("elements", elements.length, rows * columns);
  checkLength("scales", scales.length, Math.ceil(rows / height) * acrossScales);
  checkLength("output", out.length, rows * columns);
  const table = decodeTable(block.element);
  const codes = scales instanceof Uint8Array;
  for (let r = 0; r < rows; r++) {
    const scaleRow = Math.floor(r / height) * acrossScales;
    for (let c0 = 0, b = scaleRow; c0 < columns; c0 += width, b++) {
      const scale = codes ? scaleValue(plan, scales[b], tensorScale) : Math.fround(scales[b] * tensorScale);
      const c1 = Math.min(c0 + width, columns);
      const to = r * columns;
      if (packed) {
        const from = r * halfPitch;
        for (let c = c0; c < c1; c++) out[to + c] = table[(elements[from + (c >> 1)] >> ((c & 1) << 2)) & 15] * scale;
      } else for (let c = c0; c < c1; c++) out[to + c] = table[elements[to + c] & (table.length - 1)] * scale;
    }
  }
  return out;
}
