import assert from "node:assert/strict";
import { test } from "node:test";
import { BLOCK_FORMATS, type BlockFormat, decodeTable, dequantise, quantise } from "../../../src/formats/index.ts";
import { Bank, VARIANTS, type Variant } from "./kernels.ts";
import { normal, same } from "./numbers.ts";

const nan = (result: Float32Array, at: readonly number[]) =>
  assert.deepEqual(
    [...result.keys()].filter((i) => Number.isNaN(result[i])),
    at,
  );

for (const variant of VARIANTS) {
  for (const columns of [16, 17])
    test(`${variant}: every E4M3 code, ${columns} columns`, () => {
      const bank = new Bank(variant);
      const codes = new Uint8Array(256 * columns);
      for (let o = 0; o < 256; o++) codes[o * columns + (o % columns)] = o;
      const [w, scale] = [bank.put(codes), bank.put(Uint8Array.of(127))];
      for (const tokens of [1, 8]) {
        const x = bank.put(new Float32Array(columns * tokens).fill(1));
        const y = bank.take(1024 * tokens);
        bank.kernels.matmulFP8!(y, 1024, x, 4 * columns, tokens, w, scale, columns, 0, 256, 0, 256, columns, 0);
        // A sum that begins with +0 cannot end in -0.
        same(
          bank.floats(y, 256).slice(),
          decodeTable("E4M3").map((v) => v + 0),
        );
      }
    });

  for (const size of [1, 2 ** -140, 2 ** 100])
    test(`${variant}: FP8 of inputs scaled up, every E4M3 code that is a number, inputs of ${size}`, () => {
      const bank = new Bank(variant);
      const { kernels } = bank;
      const [columns, tokens] = [17, 8];
      const codes = new Uint8Array(256 * columns);
      for (let o = 0; o < 256; o++) codes[o * columns + (o % columns)] = (o & 127) === 127 ? 0 : o;
      const [w, scale] = [bank.put(codes), bank.put(Uint8Array.of(127))];
      const x = bank.put(new Float32Array(columns * tokens).fill(size));
      const stride = kernels.preparedFP8Bytes!(columns);
      const [prepared, y] = [bank.take(stride * tokens), bank.take(1024 * tokens)];
      kernels.prepareFP8!(prepared, stride, x, 4 * columns, tokens, columns);
      const expected = decodeTable("E4M3").map((v) => (Number.isNaN(v) ? 0 : v * size + 0));
      for (const count of [1, tokens]) {
        kernels.matmulFP8Scaled!(y, 1024, prepared, stride, count, w, scale, columns, 0, 256, 0, 256, columns, 0);
        same(bank.floats(y, 256).slice(), expected);
      }
    });

  test(`${variant}: FP8 of inputs scaled up: NaN and infinity stay in their token, zeros give zeros`, () => {
    const bank = new Bank(variant);
    const { kernels } = bank;
    const columns = 48;
    const x = normal(4 * columns, 5);
    x[7] = Number.NaN;
    x[2 * columns + 47] = Number.NEGATIVE_INFINITY;
    x.fill(0, 3 * columns);
    const stride = kernels.preparedFP8Bytes!(columns);
    const [prepared, y] = [bank.take(4 * stride), bank.take(32)];
    kernels.prepareFP8!(prepared, stride, bank.put(x), 4 * columns, 4, columns);
    const [w, scale] = [bank.put(new Uint8Array(2 * columns).fill(0x38)), bank.put(Uint8Array.of(127))];
    kernels.matmulFP8Scaled!(y, 8, prepared, stride, 4, w, scale, columns, 0, 2, 0, 128, columns, 0);
    nan(bank.floats(y, 4), [0, 1]);
    assert.deepEqual([...bank.floats(y + 16, 4)], [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0]);
  });

  test(`${variant}: hasNaN finds each of both NaNs and nothing else`, () => {
    const bank = new Bank(variant);
    const count = 37;
    const codes = Uint8Array.from({ length: count }, (_, i) => ((i * 7) & 0x7e) | (i << 7));
    const at = bank.put(codes);
    assert.equal(bank.kernels.hasNaN!(at, count), 0);
    for (const code of [0x7f, 0xff])
      for (let i = 0; i < count; i++) {
        bank.bytes(at, count).set(codes);
        bank.bytes(at + i, 1)[0] = code;
        assert.equal(bank.kernels.hasNaN!(at, count), 1);
      }
  });

  for (const kernel of ["matmulFP4", "matmulFP4Fixed"])
    test(`${variant}: ${kernel}, every E2M1 code, and the NaN among the scales`, () => {
      const bank = new Bank(variant);
      const codes = new Uint8Array(16 * 16);
      for (let o = 0; o < 16; o++) codes[17 * o] = o * (o & 1 ? 16 : 1);
      const [w, scale] = [bank.put(codes), bank.put(Uint8Array.from({ length: 16 }, (_, o) => (o === 9 ? 255 : 120 + o)))];
      const ones = bank.put(new Float32Array(32).fill(1));
      const y = bank.take(64);
      let [x, stride] = [ones, 128];
      if (kernel === "matmulFP4Fixed") {
        stride = bank.kernels.fixedBytes!(32);
        x = bank.take(stride);
        bank.kernels.prepareFixedFP4!(x, stride, ones, 128, 1, 32);
      }
      bank.kernels[kernel]!(y, 64, x, stride, 1, w, scale, 32, 0, 16, 0);
      const expected = decodeTable("E2M1").map((v, o) => (o === 9 ? Number.NaN : v * 2 ** (o - 7) + 0));
      same(bank.floats(y, 16).slice(), expected);
    });

  for (const form of ["FP4", "INT8"])
    test(`${variant}: fixed ${form}: NaN, infinity and zeros in the input stay in their block's token`, () => {
      const bank = new Bank(variant);
      const columns = 128;
      const x = normal(4 * columns, 5);
      x[0 * columns + 70] = Number.NaN;
      x[2 * columns + 127] = Number.NEGATIVE_INFINITY;
      x.fill(0, 3 * columns);
      const stride = bank.kernels.fixedBytes!(columns);
      const prepared = bank.take(4 * stride);
      bank.kernels[`prepareFixed${form}`]!(prepared, stride, bank.put(x), 4 * columns, 4, columns);
      const w = bank.put(new Uint8Array(2 * columns).fill(0x22));
      const scale = bank.put(form === "FP4" ? new Uint8Array(8).fill(127) : new Float32Array(4).fill(1));
      const y = bank.take(32);
      bank.kernels[`matmul${form}Fixed`]!(y, 8, prepared, stride, 4, w, scale, columns, 0, 2, 0, ...(form === "FP4" ? [] : [64]));
      nan(bank.floats(y, 8), [0, 1, 4, 5]);
      assert.deepEqual([...bank.floats(y + 24, 2)], [0, 0]);
    });

  test(`${variant}: fixed point loses nothing of what fits a power of two`, () => {
    const bank = new Bank(variant);
    const columns = 96;
    const x = normal(columns, 2).map((v) => Math.round(v * 2000) * 2 ** -40);
    const stride = bank.kernels.fixedBytes!(columns);
    const [at, prepared, y] = [bank.put(x), bank.take(stride), bank.take(4)];
    const sum = (w: Float32Array) => Math.fround(w.reduce((total, v, c) => total + v * x[c]!, 0));
    const fp4 = quantise(BLOCK_FORMATS.mxfp4, normal(columns, 3), 1, columns);
    bank.kernels.prepareFixedFP4!(prepared, stride, at, 0, 1, columns);
    bank.kernels.matmulFP4Fixed!(y, 0, prepared, stride, 1, bank.put(fp4.elements), bank.put(fp4.scales), columns, 0, 1, 0);
    assert.equal(bank.floats(y, 1)[0], sum(dequantise(BLOCK_FORMATS.mxfp4, fp4.elements, fp4.scales, 1, columns)));
    const int8 = Int8Array.from(normal(columns, 4, 40));
    bank.kernels.prepareFixedINT8!(prepared, stride, at, 0, 1, columns);
    bank.kernels.matmulINT8Fixed!(y, 0, prepared, stride, 1, bank.put(int8), bank.put(Float32Array.of(0.25)), columns, 0, 1, 0, columns);
    assert.equal(bank.floats(y, 1)[0], sum(Float32Array.from(int8, (v) => v / 4)));
  });

  test(`${variant}: encodeINT8 is quantise`, () => {
    const rows = 6;
    for (const columns of [1, 64, 200, 333])
      for (const [blockRows, blockColumns, f32] of [
        [4, 128, false],
        [4, 128, true],
        [1, columns, false],
        [32, 24, true],
      ] as const)
        for (const outColumns of [64, columns]) {
          const bank = new Bank(variant);
          const codes = Uint8Array.from(normal(rows * columns, columns), (v) => Math.abs(Math.round(v * 5000)) & 255);
          for (const [i, c] of codes.entries()) if ((c & 127) === 127 && i % 64 !== 5) codes[i] = 0;
          codes.fill(0x80, columns, 2 * columns);
          const source: BlockFormat = {
            ...BLOCK_FORMATS["fp8-channel"],
            scale: f32 ? "F32" : "E8M0",
            block: { rows: blockRows, columns: blockColumns },
          };
          const count = quantise(source, new Float32Array(codes.length), rows, columns).scales.length;
          const scales = f32
            ? normal(count, 8).map(Math.abs)
            : Uint8Array.from({ length: count }, (_, i) => (i % 7 === 6 ? 0 : 115 + (i % 20)));
          const target = { ...BLOCK_FORMATS["int8-channel"], block: { rows: 1, columns: outColumns } };
          const expected = quantise(target, dequantise(source, codes, scales, rows, columns), rows, columns);
          const [w, s] = [bank.put(codes), bank.put(scales)];
          const [out, outScales] = [outColumns === 64 ? bank.take(codes.length) : w, bank.take(4 * expected.scales.length)];
          for (const [begin, end] of [
            [4, 6],
            [0, 4],
          ] as const)
            bank.kernels.encodeINT8!(out, outScales, w, s, columns, begin, end, blockRows, blockColumns, f32 ? 1 : 0, outColumns);
          assert.deepEqual(bank.bytes(out, codes.length).slice(), expected.elements);
          same(bank.floats(outScales, expected.scales.length).slice(), Float32Array.from(expected.scales));
          assert.ok(bank.untouched(out + codes.length, 64) && bank.untouched(outScales + 4 * expected.scales.length, 64));
        }
  });
}

for (const variant of VARIANTS)
  test(`${variant}: many wide rows, which several tokens share in parts: each token as if alone`, () => {
    const [rows, columns, tokens] = [40, 20000, 2];
    const bank = new Bank(variant);
    const { kernels } = bank;
    const stride = kernels.fixedBytes!(columns);
    const [x, prepared, y] = [bank.put(normal(columns * tokens, 1)), bank.take(stride * tokens), bank.take(4 * rows * tokens)];
    const codes = bank.put(Uint8Array.from({ length: rows * columns }, (_, i) => Math.imul(i, 40503) >>> 9));
    for (const form of ["FP4", "INT8"]) {
      kernels[`prepareFixed${form}`]!(prepared, stride, x, 4 * columns, tokens, columns);
      const scale = bank.put(form === "FP4" ? new Uint8Array(rows * 625).fill(127) : normal(rows * 313, 3));
      const run = (from: number, count: number) => {
        kernels[`matmul${form}Fixed`]!(y, 4 * rows, prepared + from * stride, stride, count, codes, scale, columns, 0, rows, 0, 64);
        return bank.floats(y, count * rows).slice();
      };
      const both = run(0, 2);
      for (const t of [0, 1]) same(run(t, 1), both.subarray(t * rows, (t + 1) * rows));
    }
  });

test("fixed-point products agree between the variants to the bit", () => {
  const [rows, columns, tokens] = [9, 480, 3];
  const run = (variant: Variant, form: "FP4" | "INT8") => {
    const bank = new Bank(variant);
    const { kernels } = bank;
    const codes = Uint8Array.from(normal(rows * columns, 1, 1000), (v) => v & 255);
    const stride = kernels.fixedBytes!(columns);
    const [prepared, y] = [bank.take(stride * tokens), bank.take(4 * rows * tokens)];
    kernels[`prepareFixed${form}`]!(prepared, stride, bank.put(normal(tokens * columns, 2)), 4 * columns, tokens, columns);
    const scale = bank.put(form === "FP4" ? codes.map((c) => 120 + (c % 9)) : normal(rows * 8, 3));
    kernels[`matmul${form}Fixed`]!(y, 4 * rows, prepared, stride, tokens, bank.put(codes), scale, columns, 0, rows, 0, 64);
    return bank.floats(y, rows * tokens).slice();
  };
  for (const form of ["FP4", "INT8"] as const) same(run("relaxed", form), run("plain", form));
});
