import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { TandemError } from "../../src/errors.ts";
import {
  decodeArray,
  decodeTable,
  encodeArray,
  FORMATS,
  round,
  roundBF16,
  type StoredFormatName,
  storedBits,
} from "../../src/formats/index.ts";
import { words } from "./fixtures.ts";

const values = Float32Array.from([0, -0, 1, -1.5, 0.3, 448, 1e-6, -3, 6, 100, 1e30, Infinity, NaN, -7, 2 ** -126, 5]);

for (const f of Object.values(FORMATS)) {
  describe(`array of ${f.name}`, () => {
    const stored = encodeArray(f.name, values);

    it("is read back as each value rounded, from any byte offset, into a given array", () => {
      assert.equal(stored.length, (values.length * storedBits(f.name)) / 8);
      const expected = words(values.map((v) => f.decode(f.encode(v))));
      assert.deepEqual(words(decodeArray(f.name, stored)), expected);
      const shifted = new Uint8Array(stored.length + 3);
      shifted.set(stored, 3);
      const out = new Float32Array(values.length);
      assert.equal(decodeArray(f.name, shifted.subarray(3), out), out);
      assert.deepEqual(words(out), expected);
    });

    it("refuses half elements and outputs of another length", () => {
      const bad = (run: () => unknown) => assert.throws(run, (e) => e instanceof TandemError && e.code === "formats/length");
      if (f.bits > 8) bad(() => decodeArray(f.name, stored.subarray(1)));
      bad(() => decodeArray(f.name, stored, new Float32Array(values.length + 1)));
    });

    if (f.bits <= 16)
      it("has a table of every code", () => {
        const table = decodeTable(f.name);
        assert.equal(table.length, 2 ** f.bits);
        for (let code = 0; code < table.length; code++) assert.ok(Object.is(table[code], f.decode(code)));
      });
    else it("has too many codes for a table", () => assert.throws(() => decodeTable(f.name), TandemError));
  });
}

it("packed FP4 has its first element in the low nibble", () => {
  assert.deepEqual([...decodeArray("E2M1", Uint8Array.of(0x2b, 0xf1, 0x8c))], [-1.5, 1, 0.5, -6, -2, -0]);
  assert.deepEqual([...encodeArray("E2M1", [-1.5, 1, 0.5, -6, -2])], [0x2b, 0xf1, 0x0c]);
});

it("bytes beyond a 6-bit code do not matter, and F64 is read as the nearest float32", () => {
  assert.deepEqual([...decodeArray("E2M3", Uint8Array.of(0x5f))], [7.5]);
  const wide = new Uint8Array(Float64Array.of(0.1, -1e300, 3).buffer);
  assert.deepEqual([...decodeArray("F64" satisfies StoredFormatName, wide)], [Math.fround(0.1), -Infinity, 3]);
  assert.equal(storedBits("F64"), 64);
});

describe("roundBF16", () => {
  const reference = round("BF16");
  const same = (x: number) => assert.ok(Object.is(roundBF16(x), reference(x)), `${x}`);

  it("equals the reference on any double", () => {
    fc.assert(fc.property(fc.double(), same), { numRuns: 3000 });
    fc.assert(fc.property(fc.float(), same), { numRuns: 3000 });
    [0, -0, Infinity, -Infinity, NaN, 5e-324, 2 ** -133, 2 ** -134, 3 * 2 ** -134, 3.3895313892515355e38, 3.4e38, 1e300].forEach(same);
  });

  it("rounds once where float32 would see a tie that is none", () => {
    for (let code = 1; code < 0x7f7f; code += 13) {
      const tie = (FORMATS.BF16.decode(code) + FORMATS.BF16.decode(code + 1)) / 2;
      for (const x of [tie, tie * (1 + 2 ** -50), tie * (1 - 2 ** -50)]) {
        same(x);
        same(-x);
      }
      assert.equal(roundBF16(tie * (1 + 2 ** -50)), FORMATS.BF16.decode(code + 1));
      assert.equal(roundBF16(tie * (1 - 2 ** -50)), FORMATS.BF16.decode(code));
    }
  });
});
