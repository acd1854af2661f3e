import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_FORMATS, type BlockFormat, decodeArray, dequantise, encodeArray, quantise } from "../../../src/formats/index.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { andRounded, normal, same, shared } from "./numbers.ts";

/** A weight in a bank's memory and what multiplies by it. */
interface Matrix {
  /** The weights as numbers. */
  readonly values: Float32Array;
  /** y and x by address, strides in bytes. */
  run(y: number, yStride: number, x: number, xStride: number, tokens: number, begin: number, end: number, bf16: number): void;
  /** Inputs become integers of at most this size, in blocks of so many columns. */
  readonly fixed?: { readonly limit: number; readonly block: number };
}
type Make = (bank: Bank, rows: number, columns: number) => Matrix;

const bytes = (count: number, seed: number) => normal(count, seed).map((v) => Math.abs(Math.round(v * 1e4)) % 256);
/** Scale codes over a few binades, the smallest one and a zero among them. */
function scales(format: BlockFormat, count: number, seed: number): Uint8Array | Float32Array {
  const codes = Uint8Array.from(bytes(count, seed), (b) => 118 + (b % 8));
  if (count > 3) codes[3] = 0;
  return format.scale === "F32" ? Float32Array.from(codes, (c) => (c ? (c - 110) / 1000 : 0)) : codes;
}

/** Random codes, every one of them, but NaNs. */
function elements(format: BlockFormat, rows: number, columns: number): Uint8Array {
  const codes = Uint8Array.from(bytes(rows * columns, 7));
  if (format.element === "E2M1") return codes.subarray(0, rows * Math.ceil(columns / 2));
  return format.element === "E4M3" ? codes.map((c) => ((c & 127) === 127 ? 0x80 : c)) : codes;
}

const plain =
  (name: string, format: "F32" | "BF16"): Make =>
  (bank, rows, columns) => {
    const stored = encodeArray(format, normal(rows * columns, 7));
    const at = bank.put(stored);
    return {
      values: decodeArray(format, stored),
      run: (y, yStride, x, xStride, tokens, begin, end, bf16) =>
        bank.kernels[name]!(y, yStride, x, xStride, tokens, at, columns, begin, end, bf16),
    };
  };

/** Forms of inputs: how long a row is in it, and what makes it. */
const FORMS = {
  matmulFP4Fixed: { bytes: "fixedBytes", prepare: "prepareFixedFP4" },
  matmulINT8Fixed: { bytes: "fixedBytes", prepare: "prepareFixedINT8" },
  matmulFP8Scaled: { bytes: "preparedFP8Bytes", prepare: "prepareFP8" },
} as const;

/** `tail`: what the kernel wants to know after `bf16`. */
const scaled =
  (name: string, format: BlockFormat, tail: (columns: number) => readonly number[], fixed?: Matrix["fixed"]): Make =>
  (bank, rows, columns) => {
    const stored = elements(format, rows, columns);
    const scale = scales(format, quantise(format, new Float32Array(rows * columns), rows, columns).scales.length, 3);
    const [at, scaleAt] = [bank.put(stored), bank.put(scale)];
    const { kernels } = bank;
    const run: Matrix["run"] = (y, yStride, x, xStride, tokens, begin, end, bf16) =>
      kernels[name]!(y, yStride, x, xStride, tokens, at, scaleAt, columns, begin, end, bf16, ...tail(columns));
    const values = dequantise(format, stored, scale, rows, columns);
    if (!(name in FORMS)) return { values, run };
    const form = FORMS[name as keyof typeof FORMS];
    return {
      values,
      ...(fixed && { fixed }),
      run(y, yStride, x, xStride, tokens, ...rest) {
        const stride = kernels[form.bytes]!(columns);
        const prepared = bank.take(stride * tokens);
        kernels[form.prepare]!(prepared, stride, x, xStride, tokens, columns);
        assert.ok(bank.untouched(prepared + stride * tokens, 64), "written after the prepared rows");
        run(y, yStride, prepared, stride, tokens, ...rest);
      },
    };
  };

const fp8 = (rows: number, columns: number, scale: "E8M0" | "F32" = "E8M0"): BlockFormat => ({
  ...BLOCK_FORMATS["fp8-channel"],
  scale,
  block: { rows, columns },
});
const int8 = (columns: number): BlockFormat => ({ ...BLOCK_FORMATS["int8-channel"], block: { rows: 1, columns } });
const fp4 = BLOCK_FORMATS["deepseek-fp4"];
const FP4 = { limit: 32639, block: 32 };
const INT8 = { limit: 8191, block: 64 };

const MATRICES: Readonly<Record<string, Make>> = {
  F32: plain("matmulF32", "F32"),
  BF16: plain("matmulBF16", "BF16"),
  "FP8 128x128": scaled("matmulFP8", fp8(128, 128), () => [128, 128, 0]),
  "FP8 32x32": scaled("matmulFP8", fp8(32, 32), () => [32, 32, 0]),
  "FP8 1x24": scaled("matmulFP8", fp8(1, 24), () => [1, 24, 0]),
  "FP8 a row": scaled("matmulFP8", fp8(1, Infinity), (columns) => [1, columns, 0]),
  "FP8 F32 scales": scaled("matmulFP8", fp8(128, 128, "F32"), () => [128, 128, 1]),
  "FP8 128x128 scaled": scaled("matmulFP8Scaled", fp8(128, 128), () => [128, 128, 0]),
  "FP8 32x32 scaled": scaled("matmulFP8Scaled", fp8(32, 32), () => [32, 32, 0]),
  "FP8 a row scaled": scaled("matmulFP8Scaled", fp8(1, Infinity), (columns) => [1, columns, 0]),
  "FP8 F32 scales scaled": scaled("matmulFP8Scaled", fp8(128, 128, "F32"), () => [128, 128, 1]),
  FP4: scaled("matmulFP4", fp4, () => []),
  "INT8 64": scaled("matmulINT8", int8(64), () => [64]),
  "INT8 a row": scaled("matmulINT8", int8(Infinity), (columns) => [columns]),
  "FP4 fixed": scaled("matmulFP4Fixed", fp4, () => [], FP4),
  "INT8 64 fixed": scaled("matmulINT8Fixed", int8(64), () => [64], INT8),
  "INT8 96 fixed": scaled("matmulINT8Fixed", int8(96), () => [96], INT8),
  "INT8 a row fixed": scaled("matmulINT8Fixed", int8(Infinity), (columns) => [columns], INT8),
};

/** The product in float64 and how far off a float32 sum in some order, and fixed-point inputs, may be. */
function expected({ values, fixed }: Matrix, x: Float32Array, rows: number, columns: number) {
  const tokens = x.length / columns;
  const y = new Float64Array(tokens * rows);
  // An input scale times the smallest weight scale is a float32 subnormal and loses digits.
  const bound = new Float64Array(tokens * rows).fill(2 ** -120);
  for (let t = 0; t < tokens; t++) {
    const row = x.subarray(t * columns, (t + 1) * columns);
    const step = row.map((_, c) => {
      if (!fixed) return 0;
      const first = c - (c % fixed.block);
      return Math.max(...row.subarray(first, first + fixed.block).map(Math.abs)) / fixed.limit;
    });
    for (let o = 0; o < rows; o++)
      for (let c = 0; c < columns; c++) {
        const w = values[o * columns + c]!;
        y[t * rows + o]! += w * row[c]!;
        bound[t * rows + o]! += Math.abs(w) * (Math.abs(row[c]!) * (columns / 8 + 16) * 2 ** -24 + step[c]!);
      }
  }
  return { y, bound };
}

const SHAPES = [
  [1, 1, 1],
  [5, 31, 2],
  [7, 32, 3],
  [130, 200, 9],
  [9, 1125, 5],
  [6, 160, 33],
] as const;

for (const variant of VARIANTS)
  for (const [name, make] of Object.entries(MATRICES))
    test(`${variant}: matrix product, ${name}`, () => {
      for (const [rows, columns, tokens] of SHAPES) {
        const bank = new Bank(variant, 2 ** 22);
        const matrix = make(bank, rows, columns);
        const x = normal(tokens * columns, 1);
        const xStride = 4 * (columns + 5);
        const at = bank.take(xStride * tokens);
        for (let t = 0; t < tokens; t++) bank.floats(at + t * xStride, columns).set(x.subarray(t * columns, (t + 1) * columns));
        const pitch = rows + 3;
        const result = andRounded((bf16) =>
          shared(bank, tokens * pitch, rows, (y, begin, end) => matrix.run(y, 4 * pitch, at, xStride, tokens, begin, end, bf16)),
        );
        const { y, bound } = expected(matrix, x, rows, columns);
        const alone = bank.take(4 * rows);
        for (let t = 0; t < tokens; t++) {
          const row = result.subarray(t * pitch, t * pitch + rows);
          for (const [o, v] of row.entries()) {
            const error = Math.abs(v - y[t * rows + o]!);
            assert.ok(error <= bound[t * rows + o]!, `${rows}×${columns}, token ${t}, output ${o}: ${v}, expected ${y[t * rows + o]}`);
          }
          assert.ok(result.subarray(t * pitch + rows, (t + 1) * pitch).every(Number.isNaN), "written between the rows");
          matrix.run(alone, 0, at + t * xStride, 0, 1, 0, rows, 0);
          same(bank.floats(alone, rows).slice(), row);
        }
      }
    });
