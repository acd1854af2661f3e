import type { LinearKind } from "../../ops/index.ts";
import { CpuTensor } from "./handles.ts";
import type { MatrixLayout } from "./layout.ts";
import { PREPARED, type Prepared, productIndex } from "./products.ts";
import type { BlockRounding } from "./profile.ts";
import { bit, type Recorder } from "./recorder.ts";
import { Value } from "./value.ts";
import type { CpuWeight } from "./weights.ts";

/** How a product takes its input: rounded or not, as float32 or in a form prepared for the kernel, by which kernel. */
export interface InputForm {
  readonly product: number;
  readonly rounding: BlockRounding | undefined;
  readonly prepared: Prepared | undefined;
}

/** Products by number, looked up once: a step has hundreds. */
const FLOAT = {
  f32: productIndex("matmulF32"),
  "f32-expanded": productIndex("matmulF32"),
  bf16: productIndex("matmulBF16"),
  fp8: productIndex("matmulFP8"),
  fp4: productIndex("matmulFP4"),
  int8: productIndex("matmulINT8"),
  "int8-encoded": productIndex("matmulINT8"),
  index: -1,
} as const;
const PREPARING = {
  fp4: productIndex("matmulFP4Fixed"),
  int8: productIndex("matmulINT8Fixed"),
  fp8: productIndex("matmulFP8Scaled"),
} as const;

/**
 * FP4 weights take rounded inputs in 16-bit fixed point: exact integer sums within a block, an input's error at most 2^-15 of its block's
 * largest value (none at all for an FP8 value above 2^-11 of it), far below the rounding that has just been done. Unrounded inputs (`float`) stay float32. Re-encoded INT8 weights take 14 bits.
 * FP8 weights take float32, scaled and reordered if the weights are `regular`: known to hold no NaN.
 */
export function inputForm(layout: MatrixLayout, rounding: BlockRounding | undefined, regular = false): InputForm {
  const round = layout.blockScaled ? rounding : undefined;
  if (layout.form === "fp4" && round) return { product: PREPARING.fp4, rounding: round, prepared: "fp4" };
  if (layout.form === "int8-encoded") return { product: PREPARING.int8, rounding: round, prepared: "int8" };
  if (layout.form === "fp8" && regular && (layout.blockColumns % 16 === 0 || layout.blockColumns >= layout.columns))
    return { product: PREPARING.fp8, rounding: round, prepared: "fp8" };
  return { product: FLOAT[layout.form], rounding: round, prepared: undefined };
}

/**
 * Bytes of weights in one piece of shared work. Kernels read a piece as a few long streams, so it should be large; but not so large that
 * threads wait for the last one, nor so small that taking it costs more than a part of its work.
 */
const PIECE = { least: 32 * 1024, most: 1024 * 1024 } as const;
/** Pieces per thread, where they are neither too small nor too large for it: a thread that is held up leaves the rest to others. */
const PIECES = 8;

/** Outputs of one piece of a product (or of several like it) with `outputs` rows of `rowBytes`, for so many tokens. */
export function pieceOf(rowBytes: number, outputs: number, tokens: number, threads: number, products = 1): number {
  if (threads === 1) return outputs;
  const bytes = rowBytes * outputs * products;
  const piece = Math.min(PIECE.most, Math.max(PIECE.least, bytes / (threads * PIECES))) / Math.max(1, tokens / 4);
  // Whole pieces for every thread, in fours of rows, as kernels work on four at a time.
  const rounds = Math.max(1, Math.round(bytes / threads / piece));
  const rows = (outputs * products) / (threads * rounds);
  return Math.min(outputs, Math.max(4, Math.ceil(rows / 4) * 4));
}

/** The input of a product in the form its kernel takes; made once per tensor. `parts`: each row is that many rows of the weight's columns. */
export function inputFor(r: Recorder, x: CpuTensor, form: InputForm, parts: number): { readonly value: Value; readonly pitch: number } {
  const columns = x.columns / parts;
  const plain = { value: x.value, pitch: 4 * columns };
  const key = `${form.rounding?.kind}${form.rounding?.columns}`;
  let rounded = plain;
  if (form.rounding) {
    rounded = x.forms.get(key) ?? { value: new Value(4 * x.rows * x.columns), pitch: 4 * columns };
    if (!x.forms.has(key)) {
      // Rounding sees whole rows, as a layer's input is rounded before it is split into groups.
      r.do(
        "round",
        x.rows,
        [rounded.value],
        [x.value],
        [x.rows, 1, x.columns, x.columns, form.rounding.columns, bit(form.rounding.kind === "fp4")],
      );
      x.forms.set(key, rounded);
    }
    rounded = { ...rounded, pitch: 4 * columns };
  }
  if (!form.prepared) return rounded;
  const preparedKey = `${key}${form.prepared}${parts}`;
  const known = x.forms.get(preparedKey);
  if (known) return known;
  const pitch = r.sizes.preparedBytes(form.prepared, columns);
  const prepared = { value: new Value(pitch * x.rows * parts), pitch };
  r.do("prepare", x.rows, [prepared.value], [rounded.value], [x.rows, parts, pitch, columns, PREPARED.indexOf(form.prepared)]);
  x.forms.set(preparedKey, prepared);
  return prepared;
}

/** y_g = W_g x_g for consecutive groups of outputs and columns; one group is the plain product. */
export function product(r: Recorder, x: CpuTensor, w: CpuWeight, groups: number, kind: LinearKind): CpuTensor {
  const { input, bf16 } = r.profile.linear[kind];
  return multiply(r, x, w, groups, inputForm(w.layout, input, w.regular), bf16);
}

/** W x without any rounding. */
export const plainProduct = (r: Recorder, x: CpuTensor, w: CpuWeight): CpuTensor =>
  multiply(r, x, w, 1, inputForm(w.layout, undefined, w.regular), false);

function multiply(r: Recorder, x: CpuTensor, w: CpuWeight, groups: number, form: InputForm, bf16: boolean): CpuTensor {
  const { layout, data, scale, bank } = w;
  const { value, pitch } = inputFor(r, x, form, groups);
  const out = new CpuTensor(x.rows, layout.rows);
  const piece = pieceOf(layout.dataBytes / layout.rows, layout.rows, x.rows, r.threads);
  const { rows, columns, blockRows, blockColumns } = layout;
  // biome-ignore format: as they are read
  const scalars = [
    form.product, 4 * rows, pitch * groups, x.rows, data, scale, columns, rows, groups, pitch,
    bit(bf16), blockRows, blockColumns, bit(layout.scaleF32), piece,
  ];
  r.do("matmul", -1, [out.value], [value], scalars, { bank });
  return out;
}
