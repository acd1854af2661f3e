import { type Numerics, reencoding } from "../../ops/index.ts";
import { elements, rowsAndColumns, type WeightSource } from "../../tensor/index.ts";

/** In which form a weight lies in memory. All but the last three as in the file. */
export type WeightForm = "f32" | "bf16" | "fp8" | "fp4" | "int8" | "int8-encoded" | "f32-expanded" | "index";

export interface MatrixLayout {
  readonly form: WeightForm;
  readonly rows: number;
  readonly columns: number;
  readonly dataBytes: number;
  readonly scaleBytes: number;
  readonly blockRows: number;
  readonly blockColumns: number;
  /** Scales are float32, not UE8M0. */
  readonly scaleF32: boolean;
  /** Stored in a block format: linear layers then quantise their input. */
  readonly blockScaled: boolean;
}

/** Parameters that are no matrix of a linear layer (norms, biases, sinks, offset tables): kernels take them as float32. */
const isTable = (w: WeightSource): boolean => w.shape.length < 2 || !w.name.endsWith(".weight");

/** Tables this small lie in every bank: most operations read several of them, and some a store besides. */
const SMALL = 1 << 17;
export const isSmall = (w: WeightSource): boolean =>
  !w.quantised && w.format !== "I64" && w.format !== "I32" && isTable(w) && elements(w.shape) <= SMALL;

/** How a weight will lie in memory under a numerics profile, before anything is read. */
export function layoutOf(w: WeightSource, numerics: Numerics): MatrixLayout {
  const [rows, columns] = rowsAndColumns(w.shape);
  const count = rows * columns;
  const plain = {
    rows,
    columns,
    scaleBytes: 0,
    blockRows: 1,
    blockColumns: columns,
    scaleF32: false,
    blockScaled: w.quantised !== undefined,
  };
  const expanded: MatrixLayout = { ...plain, form: "f32-expanded", dataBytes: 4 * count };
  if (w.format === "I64" || w.format === "I32") return { ...plain, form: "index", dataBytes: 4 * count };
  if (!w.quantised) {
    if (w.format === "F32") return { ...plain, form: "f32", dataBytes: 4 * count };
    if (w.format === "BF16" && !isTable(w)) return { ...plain, form: "bf16", dataBytes: 2 * count };
    return expanded;
  }
  const { element, scale, block } = w.quantised.block;
  const blocks = { blockRows: Math.min(block.rows, rows), blockColumns: Math.min(block.columns, columns), scaleF32: scale === "F32" };
  const stored = { ...plain, ...blocks, dataBytes: w.data.byteLength, scaleBytes: w.quantised.scale.byteLength };
  if (element === "E2M1") return scale === "E8M0" && block.rows === 1 && block.columns === 32 ? { ...stored, form: "fp4" } : expanded;
  if (element === "INT8") return scale === "F32" && block.rows === 1 ? { ...stored, form: "int8" } : expanded;
  if (element !== "E4M3") return expanded;
  const encoded = reencoding(numerics, w);
  if (!encoded) return { ...stored, form: "fp8" };
  const width = Math.min(encoded.block.columns, columns);
  return {
    ...plain,
    form: "int8-encoded",
    dataBytes: count,
    scaleBytes: 4 * rows * Math.ceil(columns / width),
    blockColumns: width,
    scaleF32: true,
  };
}
