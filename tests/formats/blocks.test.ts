/** One suite over all block formats, against a second implementation in numpy, against golden values and by property. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { TandemError } from "../../src/errors.ts";
import {
  BLOCK_FORMATS,
  type BlockFormat,
  blockBytes,
  blockFormat,
  dequantise,
  FORMATS,
  quantise,
  roundBF16,
  roundTrip,
  SCALE_RULES,
} from "../../src/formats/index.ts";
import { bytes, fixture, floats, fnv, words } from "./fixtures.ts";

const oracle = fixture("blocks");
const [edgeRows, edgeColumns] = oracle.edges.shape;
const edges = floats(oracle.edges.values);
const [bigRows, bigColumns] = oracle.big.shape;
const big = generated(bigRows, bigColumns);

/** The matrix `generated` of scripts/oracles/formats.py. */
function generated(rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    let h = (Math.imul(i, 2654435761) + 12345) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
    h = (h ^ (h >>> 16)) >>> 0;
    return (((h >>> 8) - 2 ** 23) / 2 ** 23) * 2 ** (((h & 255) % 12) - 6 + (Math.floor(i / columns) % 9) * 5 - 20);
  });
}

const scaleBits = (scales: Uint8Array | Float32Array): ArrayLike<number> => (scales instanceof Uint8Array ? scales : words(scales));

/** Dequantised copy of the matrix, by way of codes, and the same by `roundTrip`; checks that the two are identical. */
function thereAndBack(block: BlockFormat, values: Float32Array, rows: number, columns: number): Float32Array {
  const q = quantise(block, values, rows, columns);
  const back = dequantise(block, q.elements, q.scales, rows, columns, undefined, q.tensorScale);
  const inPlace = values.slice();
  roundTrip(block, inPlace, rows, columns);
  assert.deepEqual(words(inPlace), words(back));
  const doubles = Float64Array.from(values);
  roundTrip(block, doubles, rows, columns);
  for (let i = 0; i < doubles.length; i++) assert.ok(Object.is(doubles[i], back[i]), `${doubles[i]} in float64, ${back[i]} in float32`);
  return back;
}

it("the generated matrix is the oracle's, and so is the list of block formats", () => {
  assert.deepEqual(words(big.slice(0, 8)), words(floats(oracle.big.first)));
  assert.deepEqual(Object.keys(BLOCK_FORMATS), Object.keys(oracle.blocks));
});

for (const block of Object.values(BLOCK_FORMATS)) {
  const expected = oracle.blocks[block.name];
  describe(`block format ${block.name}`, () => {
    it("quantises zeros, tiny, huge, infinite, NaN and threshold blocks as numpy", () => {
      const q = quantise(block, edges, edgeRows, edgeColumns, { pack: false });
      const elements = bytes(expected.edges.elements);
      const stored = bytes(expected.edges.scales);
      const scales = q.scales instanceof Uint8Array ? stored : new Float32Array(stored.buffer);
      assert.deepEqual(scaleBits(q.scales), scaleBits(scales));
      for (let i = 0; i < elements.length; i++) assert.equal(q.elements[i], elements[i], `element ${i} = ${edges[i]}`);
      assert.equal(q.tensorScale, expected.edges.tensorScale);
      assert.equal(fnv(words(thereAndBack(block, edges, edgeRows, edgeColumns))), expected.edges.backHash);
    });

    it("quantises a matrix whose sides are no multiples of the block as numpy", () => {
      const q = quantise(block, big, bigRows, bigColumns, { pack: false });
      const height = Math.min(block.block.rows, bigRows);
      const width = Math.min(block.block.columns, bigColumns);
      assert.deepEqual(q.scaleShape, [Math.ceil(bigRows / height), Math.ceil(bigColumns / width)]);
      assert.equal(fnv(scaleBits(q.scales)), expected.big.scalesHash);
      assert.equal(fnv(q.elements), expected.big.elementsHash);
      assert.equal(q.tensorScale, expected.big.tensorScale);
      assert.equal(fnv(words(thereAndBack(block, big, bigRows, bigColumns))), expected.big.backHash);
    });

    it("reads what it packed, also with odd columns, and takes scales as float32", () => {
      const [rows, columns] = [3, 37];
      const values = big.subarray(0, rows * columns);
      const packed = quantise(block, values, rows, columns);
      const loose = quantise(block, values, rows, columns, { pack: false });
      assert.equal(packed.packed, FORMATS[block.element].bits === 4);
      assert.equal(packed.elements.length, rows * (packed.packed ? 19 : 37));
      assert.equal(blockBytes(block, rows, columns), packed.elements.byteLength + packed.scales.byteLength);
      const table = FORMATS[block.scale];
      const asFloats = Float32Array.from(packed.scales, (s) => (packed.scales instanceof Uint8Array ? table.decode(s) : s));
      const a = dequantise(block, packed.elements, packed.scales, rows, columns, undefined, packed.tensorScale);
      const b = dequantise(block, loose.elements, asFloats, rows, columns, undefined, loose.tensorScale);
      assert.deepEqual(words(a), words(b));
    });

    it("keeps the error within the element's step at the block's maximum, and under a ceil rule leaves alone what it has rounded", () => {
      const element = FORMATS[block.element];
      const matrix = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 70, maxLength: 70 });
      // Half the largest step, as a part of the largest value, for a scale up to twice what it need be, plus what clipping at the
      // maximum may cost (the OCP rule puts amax anywhere below 2^(emax+1)), plus the rounding of an E4M3 scale.
      const step = 2 ** element.spacing(element.emax) / element.max;
      const clip = block.scaleRule === "ocp-floor" || block.scaleRule === "ceil-above-1.75" ? 2 ** (element.emax + 1) / element.max - 1 : 0;
      const scaleError = block.scale === "E4M3" ? 1 / 16 : 0;
      fc.assert(
        fc.property(matrix, (list) => {
          const values = Float32Array.from(list);
          const amax = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
          const back = thereAndBack(block, values, 2, 35);
          for (let i = 0; i < values.length; i++) {
            const bound = Math.max(amax, block.amaxFloor) * (step * (1 + scaleError) + clip + scaleError) + 1e-44;
            assert.ok(Math.abs(back[i] - values[i]) <= bound, `${values[i]} became ${back[i]}`);
          }
          if (block.scale === "E8M0" && clip === 0) assert.deepEqual(words(thereAndBack(block, back, 2, 35)), words(back));
        }),
        { numRuns: 60 },
      );
    });

    it("refuses arrays that do not fit", () => {
      const bad = (f: () => unknown) => assert.throws(f, (e) => e instanceof TandemError && e.code === "formats/length");
      const values = big.slice(0, 64);
      const q = quantise(block, values, 2, 32);
      bad(() => quantise(block, values, 3, 32));
      bad(() => roundTrip(block, values, 2, 33));
      bad(() => dequantise(block, q.elements.subarray(1), q.scales, 2, 32));
      bad(() => dequantise(block, q.elements, q.scales.subarray(1), 2, 32));
      bad(() => dequantise(block, q.elements, q.scales, 2, 32, new Float32Array(63)));
    });
  });
}

describe("golden values of the V4 specification", () => {
  const input = Float32Array.from({ length: 64 }, (_, i) => roundBF16(0.05 * (((7 * i) % 13) - 6)));

  it("FP8 in blocks of 64", () => {
    assert.deepEqual(
      [...input.slice(0, 8)],
      [-0.30078125, 0.050048828125, -0.25, 0.10009765625, -0.2001953125, 0.150390625, -0.150390625, 0.2001953125],
    );
    const x = input.slice();
    roundTrip(BLOCK_FORMATS["deepseek-fp8-kv"], x, 1, 64);
    assert.deepEqual([...x.slice(0, 8)], [-0.3125, 0.05078125, -0.25, 0.1015625, -0.203125, 0.15625, -0.15625, 0.203125]);
  });

  it("FP4 in blocks of 32", () => {
    const x = input.slice();
    roundTrip(BLOCK_FORMATS["deepseek-fp4"], x, 1, 64);
    assert.deepEqual([...x.slice(0, 8)], [-0.25, 0.0625, -0.25, 0.09375, -0.1875, 0.125, -0.125, 0.1875]);
  });
});

describe("scale rules", () => {
  const bf16 = Array.from({ length: 0x7f80 }, (_, code) => FORMATS.BF16.decode(code));

  it("multiplying by the float32 reciprocal and dividing give the same power of two, for every BF16 and around every threshold", () => {
    const float = new Float32Array(1);
    const word = new Uint32Array(float.buffer);
    for (const element of [FORMATS.E4M3, FORMATS.E2M1]) {
      const same = (amax: number) =>
        assert.equal(SCALE_RULES.ceil(amax, element, 1), SCALE_RULES["ceil-quotient"](amax, element, 1), `${amax}`);
      bf16.forEach(same);
      for (const significand of [1, 1.5, 1.75]) {
        for (let ulps = -1000; ulps <= 1000; ulps++) {
          float[0] = significand;
          word[0] += ulps;
          same(float[0]);
        }
      }
    }
  });

  it("the threshold rules are the ceil rule for a maximum of 6, or 7, or 448", () => {
    for (const amax of bf16.filter((v) => v >= 2 ** -100)) {
      assert.equal(SCALE_RULES["ceil-above-1.5"](amax, FORMATS.E2M1, 1), SCALE_RULES["ceil-quotient"](amax, FORMATS.E2M1, 1));
      assert.equal(
        SCALE_RULES["ceil-above-1.75"](amax, FORMATS.E2M1, 1),
        SCALE_RULES["ceil-quotient"](amax, { ...FORMATS.E2M1, max: 7 }, 1),
      );
      assert.equal(SCALE_RULES["ceil-above-1.75"](amax, FORMATS.E4M3, 1), SCALE_RULES["ceil-quotient"](amax, FORMATS.E4M3, 1));
    }
  });

  it("under the ceil rule nothing clips; under the OCP rule the maximum can", () => {
    for (const amax of bf16.filter((v) => v >= 2 ** -100)) {
      assert.ok(amax / SCALE_RULES.ceil(amax, FORMATS.E4M3, 1) <= 448);
      assert.ok(amax / SCALE_RULES["ocp-floor"](amax, FORMATS.E4M3, 1) < 512);
    }
    assert.equal(480 / SCALE_RULES["ocp-floor"](480, FORMATS.E4M3, 1), 480);
  });
});

it("block formats are data: a variant needs no new code", () => {
  const wild: BlockFormat = {
    ...BLOCK_FORMATS.mxfp4,
    name: "variant",
    element: "HIF8",
    scale: "F32",
    scaleRule: "max",
    rounding: "nearest-away",
    overflow: "native",
  };
  const values = Float32Array.from([1, -2, 3, 4]);
  assert.deepEqual([...thereAndBack(wild, values, 1, 4)], [1, -2, 3, 4]);
  const native: BlockFormat = { ...BLOCK_FORMATS["mxfp8-e4m3"], overflow: "native" };
  assert.ok(Number.isNaN(thereAndBack(native, Float32Array.from([511]), 1, 1)[0]));
  assert.throws(
    () => blockFormat("mxfp3"),
    (e) => e instanceof TandemError && e.code === "formats/unknown",
  );
});

describe("doubles", () => {
  it("are divided by a power of two and rounded once", () => {
    // A tie of E2M1 (2.5), missed by less than a float32 can see.
    const values = Float64Array.from([6, 2.5 + 2 ** -40, 2.5 - 2 ** -40, 2.5]);
    roundTrip(BLOCK_FORMATS.mxfp4, values, 1, 4);
    assert.deepEqual([...values], [6, 3, 2, 2]);
  });

  it("too large for float32 spoil their block like an infinity", () => {
    const values = Float64Array.from({ length: 64 }, (_, i) => (i === 40 ? 1e39 : 1));
    roundTrip(BLOCK_FORMATS.mxfp4, values, 1, 64);
    assert.deepEqual([values[31], values[32], values[63]], [1, NaN, NaN]);
  });
});

describe("NVFP4's tensor scale", () => {
  const nvfp4 = BLOCK_FORMATS.nvfp4;

  it("is 1 for a tensor of zeros, which reads back as zeros", () => {
    assert.equal(quantise(nvfp4, new Float32Array(32), 1, 32).tensorScale, 1);
    assert.deepEqual(thereAndBack(nvfp4, new Float32Array(32), 1, 32), new Float32Array(32));
  });

  it("can be given, and blocks above what it reaches clip", () => {
    const values = Float32Array.from({ length: 16 }, (_, i) => 4096 - i);
    const q = quantise(nvfp4, values, 1, 16, { tensorScale: 1 });
    assert.deepEqual([q.tensorScale, q.scales[0]], [1, FORMATS.E4M3.encode(448)]);
    const low = quantise(nvfp4, values, 1, 16, { tensorScale: 0.5 });
    assert.equal(dequantise(nvfp4, low.elements, low.scales, 1, 16, undefined, 0.5)[0], 448 * 0.5 * 6);
    const inPlace = values.slice();
    roundTrip(nvfp4, inPlace, 1, 16, 0.5);
    assert.equal(inPlace[0], 448 * 0.5 * 6);
  });
});

it("matrices without rows or columns are quantised to nothing", () => {
  for (const block of Object.values(BLOCK_FORMATS))
    for (const [rows, columns] of [
      [0, 32],
      [4, 0],
    ]) {
      const q = quantise(block, new Float32Array(0), rows, columns);
      assert.deepEqual([q.elements.length, q.scales.length], [0, 0]);
      assert.equal(dequantise(block, q.elements, q.scales, rows, columns).length, 0);
    }
});
