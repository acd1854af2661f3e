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
];
export const productIndex = (kernel: string): number => PRODUCTS.findIndex((p) => p.kernel === kernel);

/** Kernels that round blocks of an input, in the order commands number them. */
export const ROUNDINGS = ["roundFP8", "roundFP4"] as const;

/** Fixed-point forms of an input, and the kernel that makes each. */
export const FIXED = ["fp4", "int8"] as const;
export type Fixed = (typeof FIXED)[number];
export const PREPARE: Readonly<Record<Fixed, string>> = { fp4: "prepareFixedFP4", int8: "prepareFixedINT8" };
