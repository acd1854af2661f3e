/**
 * How fast the CPU interpreter's matrix products are, one thread, beside the two things that bound them: reading the weights (`readAll`) and
 * multiplying (`dotAll`: one integer dot product of 16 bytes after the other, on cached data; only relaxed fixed-point products use such).
 *
 *     npx node bench/kernels.ts [FILTER]
 *
 * Weights of 4096 columns: 1 GiB of them, more than any cache holds, in slices of 2 MiB, and 512 KiB again and again. Everything is
 * interleaved and the fastest fifth of each is taken. Whatever else runs on the core, or on its other thread, costs the products more than
 * it costs `readAll`: measure on a quiet machine.
 */
import { Bank, VARIANTS, type Variant } from "../tests/backends/cpu/kernels.ts";
import { normal } from "../tests/backends/cpu/numbers.ts";

const COLUMNS = 4096;
const [MEMORY, SLICE, CACHED] = [2 ** 30, 2 ** 21, 2 ** 19];
const TOKENS = [1, 2, 4, 8, 64];
const ROUNDS = 60;
const filter = new RegExp(process.argv[2] ?? ".");

interface Product {
  /** Of a weight with its share of a scale. */
  readonly bits: number;
  /** Dot products of 16 bytes for one weight and token. */
  readonly dots?: number;
  readonly run: (begin: number, end: number, tokens: number) => void;
}

function products(bank: Bank, weights: number): Readonly<Record<string, Product>> {
  const { kernels: k } = bank;
  const most = TOKENS.at(-1)!;
  const xStride = 4 * COLUMNS;
  const x = bank.put(normal(COLUMNS * most, 1));
  const stride = k.fixedBytes!(COLUMNS);
  const [fp4, int8] = [bank.take(stride * most), bank.take(stride * most)];
  k.prepareFixedFP4!(fp4, stride, x, xStride, most, COLUMNS);
  k.prepareFixedINT8!(int8, stride, x, xStride, most, COLUMNS);
  const fp8Stride = k.preparedFP8Bytes!(COLUMNS);
  const fp8 = bank.take(fp8Stride * most);
  k.prepareFP8!(fp8, fp8Stride, x, xStride, most, COLUMNS);
  const codes = bank.put(new Uint8Array((MEMORY * 2) / 32).fill(120));
  const floats = bank.put(new Float32Array(MEMORY / 64).fill(0.01));
  const yStride = (4 * MEMORY * 2) / COLUMNS;
  const y = bank.take(yStride * most);
  const plain = (name: string) => (begin: number, end: number, tokens: number) =>
    k[name]!(y, yStride, x, xStride, tokens, weights, COLUMNS, begin, end, 0);
  const scaled =
    (name: string, from: number, fromStride: number, scale: number, ...tail: number[]) =>
    (begin: number, end: number, tokens: number) =>
      k[name]!(y, yStride, from, fromStride, tokens, weights, scale, COLUMNS, begin, end, 0, ...tail);
  return {
    F32: { bits: 32, run: plain("matmulF32") },
    BF16: { bits: 16, run: plain("matmulBF16") },
    FP8: { bits: 8, run: scaled("matmulFP8", x, xStride, codes, 128, 128, 0) },
    FP8Scaled: { bits: 8, run: scaled("matmulFP8Scaled", fp8, fp8Stride, codes, 128, 128, 0) },
    FP4: { bits: 4.25, run: scaled("matmulFP4", x, xStride, codes) },
    INT8: { bits: 8.5, run: scaled("matmulINT8", x, xStride, floats, 64) },
    FP4Fixed: { bits: 4.25, dots: 4 / 32, run: scaled("matmulFP4Fixed", fp4, stride, codes) },
    INT8Fixed: { bits: 8.5, dots: 2 / 16, run: scaled("matmulINT8Fixed", int8, stride, floats, 64) },
  };
}

async function measure(variant: Variant): Promise<void> {
  const bank = new Bank(variant, MEMORY + 2 ** 29);
  const { readAll, dotAll } = bank.kernels;
  const weights = bank.take(MEMORY);
  // In every format ordinary numbers, neither NaN nor subnormal.
  const words = new Uint32Array(bank.floats(weights, MEMORY / 4).buffer, weights, MEMORY / 4);
  for (let i = 0; i < words.length; i++) words[i] = (Math.imul(i, 2654435761) & 0x83bf83bf) | 0x3c003c00;
  console.log(
    `\n${variant.padEnd(10)}  memory GB/s  of readAll  cached GB/s   ${TOKENS.map((t) => `${t}`.padStart(5)).join(" ")} tokens, GMAC/s; of dotAll`,
  );
  let slices = 0;
  for (const [name, { bits, dots, run }] of Object.entries(products(bank, weights))) {
    if (!filter.test(name)) continue;
    const rowBytes = (COLUMNS * bits) / 8;
    const [rows, slice, cached] = [MEMORY, SLICE, CACHED].map((size) => Math.floor(size / rowBytes)) as [number, number, number];
    const seconds: Record<string, number[]> = {};
    const time = (kind: string, work: () => void) => {
      const started = performance.now();
      work();
      (seconds[kind] ??= []).push((performance.now() - started) / 1e3);
    };
    const fastest = (kind: string) => seconds[kind]!.sort((a, b) => a - b)[Math.floor(seconds[kind]!.length / 5)]!;
    // Until the engine has compiled both paths with optimisation.
    for (let i = 0; i < 100; i++) for (const tokens of [1, 2, 8]) run(0, cached >> 2, tokens);
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (let round = 0; round < ROUNDS; round++, slices++) {
      const row = (slices * slice) % (rows - slice);
      time("memory", () => run(row, row + slice, 1));
      // Half the memory away, so that neither finds in the cache what the other has just read.
      time("readAll", () => readAll!(weights + ((slices * SLICE + MEMORY / 2) % MEMORY), SLICE));
      time("dotAll", () => dotAll!(weights, 2 ** 15, 20));
      time("cached", () => run(0, cached, 1));
      if (round % 4 === 0) for (const tokens of TOKENS) time(`${tokens}`, () => run(0, 64, tokens));
    }
    const [memory, read, near] = [
      (slice * rowBytes) / fastest("memory"),
      SLICE / fastest("readAll"),
      (cached * rowBytes) / fastest("cached"),
    ];
    const multiplied = TOKENS.map((tokens) => (64 * COLUMNS * tokens) / fastest(`${tokens}`));
    const dotRate = (20 * 2 ** 11) / fastest("dotAll");
    const share =
      dots === undefined || variant === "plain"
        ? ""
        : `; ${multiplied.map((rate) => `${Math.round((100 * rate * dots) / dotRate)} %`).join(" ")}`;
    const cells = [
      (memory / 1e9).toFixed(1).padStart(11),
      `${Math.round((100 * memory) / read)} %`.padStart(10),
      (near / 1e9).toFixed(1).padStart(12),
    ];
    console.log(
      `${name.padEnd(10)}  ${cells.join(" ")}   ${multiplied.map((rate) => (rate / 1e9).toFixed(1).padStart(5)).join(" ")}${share}`,
    );
  }
}

for (const variant of VARIANTS) await measure(variant);
