import { TandemError } from "../errors.ts";
import { byteLength, DTYPES } from "./dtypes.ts";
import { JsonScanner } from "./json-scanner.ts";
import { MAX_METADATA_ENTRIES, MAX_RANK, MAX_TENSORS } from "./limits.ts";
import type { TensorEntry } from "./safetensors.ts";
import { nameDefect, quoted } from "./tensor-name.ts";

/** Text of a header to its entries, in the order of the text. Names go into Maps and Sets, never into objects: `__proto__` is a name. */
export function parseHeader(text: string, file: string): { metadata: Map<string, string>; tensors: TensorEntry[] } {
  const scanner = new JsonScanner(text, (reason) => new TandemError("checkpoint/header-not-json", { file, reason }));
  const tensors: TensorEntry[] = [];
  const names = new Set<string>();
  let metadata = new Map<string, string>();
  scanner.object((name) => {
    const defect = nameDefect(name);
    if (defect) throw new TandemError("checkpoint/bad-name", { file, name: quoted(name), reason: defect });
    if (names.has(name)) throw new TandemError("checkpoint/duplicate-tensor", { file, name });
    names.add(name);
    if (name === "__metadata__") {
      metadata = parseMetadata(scanner, file);
      return;
    }
    if (tensors.length === MAX_TENSORS) throw new TandemError("checkpoint/too-many-tensors", { file, limit: MAX_TENSORS });
    tensors.push(parseEntry(scanner, name, file));
  });
  scanner.end();
  return { metadata, tensors };
}

function parseMetadata(scanner: JsonScanner, file: string): Map<string, string> {
  const metadata = new Map<string, string>();
  const bad = (reason: string) => new TandemError("checkpoint/bad-metadata", { file, reason });
  if (scanner.peek() !== "{") throw bad("is not an object");
  scanner.object((key) => {
    if (metadata.has(key)) throw bad(`has the key ${quoted(key)} twice`);
    if (metadata.size === MAX_METADATA_ENTRIES) throw bad(`has more than ${MAX_METADATA_ENTRIES} entries`);
    if (scanner.peek() !== '"') throw bad(`has a value that is not a string (${quoted(key)})`);
    metadata.set(key, scanner.string());
  });
  return metadata;
}

function parseEntry(scanner: JsonScanner, name: string, file: string): TensorEntry {
  const bad = (reason: string) => new TandemError("checkpoint/bad-entry", { file, name, reason });
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  if (scanner.peek() !== "{") throw bad("is not an object");
  scanner.object((field) => {
    if (field === "dtype" && dtype === undefined) {
      if (scanner.peek() !== '"') throw bad("has a dtype that is not a string");
      dtype = scanner.string();
    } else if (field === "shape" && shape === undefined) {
      shape = parseNaturals(scanner, MAX_RANK, (reason) => new TandemError("checkpoint/bad-shape", { file, name, reason }));
    } else if (field === "data_offsets" && offsets === undefined) {
      offsets = parseNaturals(scanner, 2, (reason) => new TandemError("checkpoint/bad-offsets", { file, name, reason }));
    } else {
      throw bad(`has an unknown or repeated field ${quoted(field)}`);
    }
  });
  if (dtype === undefined || shape === undefined || offsets === undefined) throw bad("lacks dtype, shape or data_offsets");
  return checkEntry(file, name, dtype, shape, offsets);
}

function parseNaturals(scanner: JsonScanner, most: number, bad: (reason: string) => Error): number[] {
  const numbers: number[] = [];
  if (scanner.peek() !== "[") throw bad("it is not an array");
  scanner.array(() => {
    const number = scanner.natural();
    if (number === undefined) throw bad("an element is not a whole number below 2^53");
    if (numbers.push(number) > most) throw bad(`it has more than ${most} numbers`);
  });
  return numbers;
}

function checkEntry(file: string, name: string, dtype: string, shape: number[], offsets: number[]): TensorEntry {
  const known = DTYPES.get(dtype);
  if (!known) throw new TandemError("checkpoint/unknown-dtype", { file, name, dtype: quoted(dtype), known: [...DTYPES.keys()].join(", ") });
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || begin > end)
    throw new TandemError("checkpoint/bad-offsets", { file, name, reason: `[${offsets}] is not a begin and an end behind it` });
  const expected = byteLength(shape, known.bits);
  if (expected === undefined)
    throw new TandemError("checkpoint/bad-shape", { file, name, reason: `[${shape}] is not a whole number of bytes below 2^50` });
  if (end - begin !== expected) throw new TandemError("checkpoint/wrong-byte-length", { file, name, actual: end - begin, expected });
  return { name, dtype, type: known.type, shape, begin, end };
}
