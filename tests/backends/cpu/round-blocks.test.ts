import { test } from "node:test";
import { BLOCK_FORMATS, roundTrip } from "../../../src/formats/index.ts";
import { Bank, VARIANTS } from "./kernels.ts";
import { inBF16, normal, same, shared } from "./numbers.ts";

const KERNELS = [
  { format: BLOCK_FORMATS["deepseek-fp8-activation"], kernel: "roundFP8", width: 300, columns: 300 },
  { format: BLOCK_FORMATS["deepseek-fp8-kv"], kernel: "roundFP8", width: 134, columns: 102 },
  { format: BLOCK_FORMATS["deepseek-fp4"], kernel: "roundFP4", width: 97, columns: 97 },
];

/** Every magnitude of float32 with every significand the grids tell apart, then blocks that are not finite. */
function rows(count: number, width: number): Float32Array {
  const x = normal(count * width, 7);
  for (let i = 0; i < x.length; i++) x[i]! *= 2 ** (Math.floor(i / width) * 3 - 150);
  for (let i = 0; i < width; i++) x[40 * width + i] = (i - width / 2) / 64;
  x.fill(0, 41 * width, 42 * width);
  x.set([448, -449, 464, 6, 5, -5, 0.25, -0.25, -0, 2 ** -149, -(2 ** -126)], 42 * width);
  x.set([Number.NaN], 43 * width + 3);
  x.set([Number.NEGATIVE_INFINITY], 44 * width + width - 1);
  return x;
}

for (const variant of VARIANTS)
  for (const { format, kernel, width, columns } of KERNELS)
    test(`${variant}: ${kernel} is ${format.name}, bit for bit`, () => {
      const bank = new Bank(variant);
      const count = 85;
      const x = rows(count, width);
      const expected = x.slice();
      for (let n = 0; n < count; n++) roundTrip(format, expected.subarray(n * width, n * width + columns), 1, columns);
      const at = bank.put(x, 4);
      const run = (y: number, from: number, begin: number, end: number) =>
        bank.kernels[kernel]!(y, from, begin, end, width, columns, format.block.columns);
      same(
        shared(bank, x.length, count, (y, begin, end) => run(y, at, begin, end)),
        expected,
      );
      run(at, at, 0, count);
      same(bank.floats(at, x.length), expected);
    });

for (const variant of VARIANTS)
  test(`${variant}: roundBF16All`, () => {
    const bank = new Bank(variant);
    const x = rows(85, 37);
    // Ties to even both ways, the largest number that stays finite, the first that does not.
    new Uint32Array(x.buffer).set([0x3f808000, 0x3f818000, 0xbf808001, 0x7f7f7fff, 0x7f7f8000, 0x7fffffff, 0x80000001], 5);
    const at = bank.put(x);
    same(
      shared(bank, x.length, x.length, (y, begin, end) => bank.kernels.roundBF16All!(y, at, begin, end)),
      inBF16(x),
    );
  });
