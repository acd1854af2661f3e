/** Kernels of y = W x, in the order commands number them, and how each takes its arguments. */
interface Product {
  readonly kernel: string;
  readonly call: (
    run: (...args: number[]) => number,
    y: number,
    yPitch: number,
    x: number,
    xPitch: number,
    tokens: number,
    data: number,
    scale: number,
    columns: number,
    begin: number,
    end: number,
    bf16: number,
    blockRows: number,
    blockColumns: number,
    scaleF32: number,
  ) => void;
}

const plain: Product["call"] = (run, y, yp, x, xp, n, w, _, c, b, e, r) => run(y, yp, x, xp, n, w, c, b, e, r);
const scaled: Product["call"] = (run, y, yp, x, xp, n, w, s, c, b, e, r) => run(y, yp, x, xp, n, w, s, c, b, e, r);
const perColumns: Product["call"] = (run, y, yp, x, xp, n, w, s, c, b, e, r, _, bc) => run(y, yp, x, xp, n, w, s, c, b, e, r, bc);
const perBlock: Product["call"] = (run, y, yp, x, xp, n, w, s, c, b, e, r, br, bc, f) => run(y, yp, x, xp, n, w, s, c, b, e, r, br, bc, f);

export const PRODUCTS: readonly Product[] = [
  { kernel: "matmulF32", call: plain },
  { kernel: "matmulBF16", call: plain },
  { kernel: "matmulFP8", call: perBlock },
  { kernel: "matmulFP4", call: scaled },
  { kernel: "matmulINT8", call: perColumns },
  { kernel: "matmulFP4Fixed", call: scaled },
  { kernel: "matmulINT8Fixed", call: perColumns },
  { kernel: "matmulFP8Scaled", call: perBlock },
];
export const productIndex = (kernel: string): number => PRODUCTS.findIndex((p) => p.kernel === kernel);

/** Kernels that round blocks of an input, in the order commands number them. */
export const ROUNDINGS = ["roundFP8", "roundFP4"] as const;

/** Forms of an input that products of such weights take, in the order commands number them, and the kernels that make one and tell its size. */
export const PREPARED = ["fp4", "int8", "fp8"] as const;
export type Prepared = (typeof PREPARED)[number];
export const PREPARE: Readonly<Record<Prepared, { readonly kernel: string; readonly bytes: string }>> = {
  fp4: { kernel: "prepareFixedFP4", bytes: "fixedBytes" },
  int8: { kernel: "prepareFixedINT8", bytes: "fixedBytes" },
  fp8: { kernel: "prepareFP8", bytes: "preparedFP8Bytes" },
};
