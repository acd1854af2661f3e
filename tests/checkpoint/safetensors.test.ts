import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { MAX_HEADER_BYTES, memorySource, readHeader } from "../../src/checkpoint/index.ts";
import { MAX_METADATA_ENTRIES, MAX_RANK, MAX_TENSORS } from "../../src/checkpoint/limits.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { rawFile, withCode } from "./raw-file.ts";

const read = (bytes: Uint8Array, headersOnly = false) => readHeader(memorySource("bad.safetensors", bytes), { headersOnly });

/** One tensor of 4 bytes with some of its fields replaced. */
const entry = (fields: string) => `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]${fields && `,${fields}`}}}`;
const withShape = (dtype: string, shape: string, offsets = "[0,4]") =>
  `{"a":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}}`;
const two = (a: string, b: string) =>
  `{"a":{"dtype":"U8","shape":[4],"data_offsets":${a}},"b":{"dtype":"U8","shape":[4],"data_offsets":${b}}}`;

const MAX = Number.MAX_SAFE_INTEGER;
const many = (n: number) => `{${Array.from({ length: n }, (_, i) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`)}}`;
const manyStrings = (n: number) => `{"__metadata__":{${Array.from({ length: n }, (_, i) => `"${i}":""`)}}}`;

const defects: [string, ErrorCode, Uint8Array][] = [
  ["an empty file", "checkpoint/truncated-header", new Uint8Array(0)],
  ["a file that ends in its length", "checkpoint/truncated-header", new Uint8Array(7)],
  ["a header longer than the file", "checkpoint/truncated-header", rawFile("{}", 0, 3n)],
  ["a header just above the limit", "checkpoint/header-too-large", rawFile("{}", 0, BigInt(MAX_HEADER_BYTES) + 1n)],
  ["a header of 2^64 - 1 bytes", "checkpoint/header-too-large", rawFile("{}", 0, 2n ** 64n - 1n)],
  ["a header length that is 2 modulo 2^32", "checkpoint/header-too-large", rawFile("{}", 0, 2n ** 32n + 2n)],
  ["a byte that is not UTF-8", "checkpoint/header-not-utf8", rawFile(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))],
  ["an overlong encoding of a quote", "checkpoint/header-not-utf8", rawFile(Uint8Array.of(0x7b, 0xc0, 0xa2, 0x7d))],
  ["a byte order mark", "checkpoint/header-not-json", rawFile("\ufeff{}")],
  ["an empty header", "checkpoint/header-not-json", rawFile("")],
  ["an array", "checkpoint/header-not-json", rawFile("[]")],
  ["null", "checkpoint/header-not-json", rawFile("null")],
  ["an object that does not end", "checkpoint/header-not-json", rawFile('{"a":{"dtype":"F32"')],
  ["a string that does not end", "checkpoint/header-not-json", rawFile('{"a')],
  ["a string that ends in a backslash", "checkpoint/header-not-json", rawFile('{"a\\')],
  ["a bad escape", "checkpoint/header-not-json", rawFile('{"\\x41":0}')],
  ["a raw newline in a string", "checkpoint/header-not-json", rawFile('{"a\n":0}')],
  ["a trailing comma", "checkpoint/header-not-json", rawFile("{,}")],
  ["text behind the object", "checkpoint/header-not-json", rawFile("{}{}")],
  ["a NUL as padding", "checkpoint/header-not-json", rawFile("{}\0")],
  ["too many tensors", "checkpoint/too-many-tensors", rawFile(many(MAX_TENSORS + 1))],
  ["metadata that is a number", "checkpoint/bad-metadata", rawFile('{"__metadata__":1}')],
  ["metadata with a number in it", "checkpoint/bad-metadata", rawFile('{"__metadata__":{"a":1}}')],
  ["metadata with a key twice", "checkpoint/bad-metadata", rawFile('{"__metadata__":{"a":"1","a":"2"}}')],
  ["too much metadata", "checkpoint/bad-metadata", rawFile(manyStrings(MAX_METADATA_ENTRIES + 1))],
  ["metadata twice", "checkpoint/duplicate-tensor", rawFile('{"__metadata__":{},"__metadata__":{}}')],
  ["an empty name", "checkpoint/bad-name", rawFile('{"":{}}')],
  ["a name of 100,000 characters", "checkpoint/bad-name", rawFile(`{"${"x".repeat(1e5)}":{}}`)],
  ["a name with a terminal escape", "checkpoint/bad-name", rawFile('{"\\u001b[2J":{}}')],
  ["a name with half a surrogate pair", "checkpoint/bad-name", rawFile('{"\\ud800":{}}')],
  ["an entry that is an array", "checkpoint/bad-entry", rawFile('{"a":[]}')],
  ["an entry nested 100,000 deep", "checkpoint/bad-entry", rawFile(`{"a":${"[".repeat(1e5)}`)],
  ["an entry without fields", "checkpoint/bad-entry", rawFile('{"a":{}}')],
  ["an entry with an unknown field", "checkpoint/bad-entry", rawFile(entry('"stride":[1]'), 4)],
  ["an entry with two shapes", "checkpoint/bad-entry", rawFile(entry('"shape":[2]'), 4)],
  ["a dtype that is a number", "checkpoint/bad-entry", rawFile('{"a":{"dtype":32}}')],
  ["an unknown dtype", "checkpoint/unknown-dtype", rawFile(withShape("F8_E4M3FNUZ", "[4]"), 4)],
  ["a dtype that is a property of objects", "checkpoint/unknown-dtype", rawFile(withShape("constructor", "[4]"), 4)],
  ["a negative size", "checkpoint/bad-shape", rawFile(withShape("F32", "[-1]"), 4)],
  ["a fractional size", "checkpoint/bad-shape", rawFile(withShape("F32", "[1.0]"), 4)],
  ["a size with an exponent", "checkpoint/bad-shape", rawFile(withShape("F32", "[1e0]"), 4)],
  ["a size with a leading zero", "checkpoint/bad-shape", rawFile(withShape("F32", "[01]"), 4)],
  ["a size in quotes", "checkpoint/bad-shape", rawFile(withShape("F32", '["1"]'), 4)],
  ["a size of 2^53", "checkpoint/bad-shape", rawFile(withShape("U8", "[9007199254740992]"), 4)],
  ["a size of 2^53 + 1, which rounds", "checkpoint/bad-shape", rawFile(withShape("U8", "[9007199254740993]"), 4)],
  ["a shape whose product is 4 modulo 2^64", "checkpoint/bad-shape", rawFile(withShape("U8", "[4294967297,4294967296,4]"), 4)],
  ["a product beyond 2^53 times zero", "checkpoint/bad-shape", rawFile(withShape("U8", `[${MAX},${MAX},0]`, "[0,0]"))],
  ["half a byte", "checkpoint/bad-shape", rawFile(withShape("F4", "[3]", "[0,2]"), 2)],
  ["a shape that is a number", "checkpoint/bad-shape", rawFile(withShape("F32", "1"), 4)],
  ["too many dimensions", "checkpoint/bad-shape", rawFile(withShape("U8", `[${Array(MAX_RANK + 1).fill(1)}]`, "[0,1]"), 1)],
  ["one offset", "checkpoint/bad-offsets", rawFile(withShape("F32", "[1]", "[0]"), 4)],
  ["three offsets", "checkpoint/bad-offsets", rawFile(withShape("F32", "[1]", "[0,4,8]"), 4)],
  ["offsets in the wrong order", "checkpoint/bad-offsets", rawFile(withShape("F32", "[1]", "[4,0]"), 4)],
  ["a negative offset", "checkpoint/bad-offsets", rawFile(withShape("F32", "[1]", "[-4,0]"), 4)],
  [
    "an offset of 2^53 + 1, which rounds",
    "checkpoint/bad-offsets",
    rawFile(withShape("F32", "[0]", "[9007199254740993,9007199254740993]")),
  ],
  ["fewer bytes than the shape needs", "checkpoint/wrong-byte-length", rawFile(withShape("F32", "[2]"), 4)],
  ["more bytes than the shape needs", "checkpoint/wrong-byte-length", rawFile(withShape("BF16", "[1]"), 4)],
  ["a name twice", "checkpoint/duplicate-tensor", rawFile(two("[0,4]", "[4,8]").replace('"b"', '"a"'), 8)],
  ["a name twice, once escaped", "checkpoint/duplicate-tensor", rawFile(two("[0,4]", "[4,8]").replace('"b"', '"\\u0061"'), 8)],
  ["overlapping tensors", "checkpoint/overlapping-tensors", rawFile(two("[0,4]", "[3,7]"), 7)],
  ["two tensors in one place", "checkpoint/overlapping-tensors", rawFile(two("[0,4]", "[0,4]"), 4)],
  ["a gap before the first tensor", "checkpoint/gap", rawFile(withShape("F32", "[1]", "[4,8]"), 8)],
  ["a gap between tensors", "checkpoint/gap", rawFile(two("[0,4]", "[5,9]"), 9)],
  ["a tensor one byte beyond the file", "checkpoint/range-outside-file", rawFile(entry(""), 3)],
  [
    "a tensor a petabyte beyond the file",
    "checkpoint/range-outside-file",
    rawFile(withShape("U8", "[1125899906842623]", "[0,1125899906842623]"), 4),
  ],
  ["a byte that no tensor owns", "checkpoint/trailing-bytes", rawFile(entry(""), 5)],
];

for (const [name, code, bytes] of defects) {
  test(`refuses ${name}`, () => assert.rejects(read(bytes), withCode(code)));
}

test("headers alone: only the missing data is forgiven", async () => {
  const outside: ErrorCode = "checkpoint/range-outside-file";
  for (const [name, code, bytes] of defects.filter(([, , bytes]) => bytes.length < 1e6)) {
    if (code === outside) await read(bytes, true);
    else await assert.rejects(read(bytes, true), withCode(code), name);
  }
  const { fileSize, dataStart } = await read(rawFile(entry("")), true);
  assert.equal(fileSize, dataStart + 4);
});

test("a good header in all its freedom: white space, escapes, any order, empty tensors, scalars", async () => {
  const header = ` { "b" : {"data_offsets":[4 ,12],"dtype":"I64","shape":[ ]} , "__metadata__":{"form\\u0061t":"pt"},
    "\\u00e9":{"shape":[2,2],"dtype":"F8_E4M3","data_offsets":[0,4]},"none":{"shape":[0,7],"dtype":"F32","data_offsets":[4,4]} }   `;
  const { tensors, metadata } = await read(rawFile(header, 12));
  assert.deepEqual(
    tensors.map(({ name, type, shape, begin, end }) => [name, type, shape, begin, end]),
    [
      ["é", "E4M3", [2, 2], 0, 4],
      ["none", "F32", [0, 7], 4, 4],
      ["b", "I64", [], 4, 12],
    ],
  );
  assert.deepEqual([...metadata], [["format", "pt"]]);
});

test("names that mean something to JavaScript objects are names like any other", async () => {
  const names = ["__proto__", "constructor", "toString", "7"];
  const header = `{${names.map((name, i) => `"${name}":{"dtype":"U8","shape":[1],"data_offsets":[${i},${i + 1}]}`)},"__metadata__":{"__proto__":"x"}}`;
  const { tensors, metadata } = await read(rawFile(header, 4));
  assert.deepEqual(
    tensors.map(({ name }) => name),
    names,
  );
  assert.deepEqual([...metadata], [["__proto__", "x"]]);
  assert.equal(({} as Record<string, unknown>).x, undefined);
});

test("reads what the reference library wrote, every dtype", async () => {
  const bytes = await readFile(new URL("../fixtures/checkpoint/reference.safetensors", import.meta.url));
  const { tensors, metadata } = await read(bytes);
  const found = Object.fromEntries(tensors.map(({ name, type, shape }) => [name, `${type} ${shape}`]));
  assert.deepEqual(found, {
    i64: "I64 1",
    f32: "F32 2,3",
    i32: "I32 3",
    bf16: "BF16 2,2",
    f16: "F16 4",
    e8m0: "E8M0 1,2",
    e4m3: "E4M3 2,4",
    e5m2: "E5M2 3",
    i8: "INT8 2,2",
    u8: "U8 5",
    bool: "BOOL 2",
    f4: "E2M1 2,4",
    empty: "F32 0,3",
    scalar: "F32 ",
  });
  assert.deepEqual([...metadata], [["format", "pt"]]);
});

test("a header of Pro's size (145,116 tensors) is read in a few seconds", async () => {
  const count = 145_116;
  const header = `{${Array.from({ length: count }, (_, i) => {
    const name = `layers.${i % 61}.ffn.experts.${i}.w1.weight`;
    return `"${name}":{"dtype":"I8","shape":[3072,3584],"data_offsets":[${i * 11010048},${(i + 1) * 11010048}]}`;
  })}}`;
  const start = performance.now();
  const { tensors, fileSize } = await read(rawFile(header), true);
  const seconds = (performance.now() - start) / 1000;
  assert.equal(tensors.length, count);
  assert.equal(fileSize, 8 + header.length + count * 11010048);
  assert.ok(seconds < 5, `${seconds.toFixed(1)} s`);
});
