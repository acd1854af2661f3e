/** Damages bytes in the ways that find bugs in parsers. */

/** Numbers in [0, n) from a fixed seed (xorshift32; period 2^32 - 1, plenty here). */
export function randomSource(seed: number): (n: number) => number {
  let state = seed | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

const NUMBERS = [
  "-1",
  "0",
  "1",
  "4294967296",
  "9007199254740991",
  "9007199254740993",
  "18446744073709551616",
  "1e308",
  "0.5",
  "-0",
  "9".repeat(400),
];
const TOKENS = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "\\u0000",
  "\\ud800",
  "null",
  '"__proto__"',
  '"__metadata__"',
  "../",
  "\0",
  "\ufeff",
  "é",
];

type Random = (n: number) => number;
type Mutation = (bytes: Buffer, random: Random) => Buffer;

const splice = (bytes: Buffer, at: number, remove: number, insert: Uint8Array | string): Buffer =>
  Buffer.concat([bytes.subarray(0, at), Buffer.from(insert), bytes.subarray(at + remove)]);

/** Position and length of some run of digits, or of nothing. */
function someNumber(bytes: Buffer, random: Random): [number, number] {
  const start = random(bytes.length + 1);
  const run = /\d+/.exec(bytes.toString("latin1", start));
  return run ? [start + run.index, run[0].length] : [start, 0];
}

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random(copy.length)] ^= 1 << random(8);
    return copy;
  },
  function setByte(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random(copy.length)] = random(256);
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, random(bytes.length + 1));
  },
  function remove(bytes, random) {
    return splice(bytes, random(bytes.length + 1), 1 + random(40), "");
  },
  function repeat(bytes, random) {
    const from = random(bytes.length + 1);
    return splice(bytes, random(bytes.length + 1), 0, bytes.subarray(from, from + 1 + random(120)));
  },
  function overwrite(bytes, random) {
    const from = random(bytes.length + 1);
    const piece = bytes.subarray(from, from + 1 + random(60));
    return splice(bytes, random(bytes.length + 1), piece.length, piece);
  },
  function blowUpNumber(bytes, random) {
    const [at, length] = someNumber(bytes, random);
    return splice(bytes, at, length, NUMBERS[random(NUMBERS.length)]);
  },
  function changeNumber(bytes, random) {
    const [at, length] = someNumber(bytes, random);
    return splice(bytes, at, length, String(random(64)));
  },
  function insertToken(bytes, random) {
    return splice(bytes, random(bytes.length + 1), 0, TOKENS[random(TOKENS.length)]);
  },
  function nest(bytes, random) {
    const opening = ["[", '{"a":'][random(2)];
    const depth = 2 ** random(14);
    return splice(bytes, random(bytes.length + 1), 0, opening.repeat(depth) + (random(2) ? `1${"]".repeat(depth)}` : ""));
  },
];

/** One to three mutations in a row. */
export function mutate(bytes: Uint8Array, random: Random): Buffer {
  let result = Buffer.from(bytes);
  for (let times = 1 + random(3); times > 0; times--) result = Buffer.from(MUTATIONS[random(MUTATIONS.length)](result, random));
  return result;
}
