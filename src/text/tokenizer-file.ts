import { TandemError } from "../errors.ts";
import { knownPattern } from "./pieces.ts";

/** DeepSeek's tokenizer.json is 7.9 MB; larger than this is not a vocabulary but an attack on memory. */
export const MAX_FILE_BYTES = 64 * 2 ** 20;
/** DeepSeek: 129,280 ids and 127,741 merges. Ids and merge ranks must fit in 20 bits (see MergeTable). */
export const MAX_IDS = 2 ** 20;
/** Longest entry of DeepSeek's vocabulary: 128 characters (a run of spaces). */
export const MAX_ENTRY_CHARS = 1024;

/** The parts of a tokenizer.json that determine ids, checked. */
export interface TokenizerFile {
  /** Largest id + 1. */
  readonly size: number;
  /** BPE entries (byte alphabet) to ids. */
  readonly vocab: ReadonlyMap<string, number>;
  /** Ids of the left half, the right half and the result of each merge, in order of rank. */
  readonly merges: { readonly left: Int32Array; readonly right: Int32Array; readonly result: Int32Array };
  /** Control tokens by spelling. */
  readonly controls: ReadonlyMap<string, number>;
  /** Pre-tokenisation passes in order. */
  readonly passes: readonly RegExp[];
}

type Obj = Record<string, unknown>;
const invalid = (reason: string): TandemError => new TandemError("text/tokenizer-invalid", { reason });
const unsupported = (what: string): TandemError => new TandemError("text/tokenizer-unsupported", { what });
const isObject = (value: unknown): value is Obj => typeof value === "object" && value !== null && !Array.isArray(value);

function object(value: unknown, what: string): Obj {
  if (!isObject(value)) throw invalid(`${what} is not an object`);
  return value;
}
function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw invalid(`${what} is not a list`);
  if (value.length > MAX_IDS)
    throw new TandemError("text/tokenizer-limit", { what: `entries of ${what}`, value: value.length, limit: MAX_IDS });
  return value;
}
function entry(value: unknown, what: string): string {
  if (typeof value !== "string" || value === "") throw invalid(`${what} is not a non-empty string`);
  if (value.length > MAX_ENTRY_CHARS)
    throw new TandemError("text/tokenizer-limit", { what: `characters of ${what}`, value: value.length, limit: MAX_ENTRY_CHARS });
  return value;
}
function id(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw invalid(`${what} is not an id`);
  if (value >= MAX_IDS) throw new TandemError("text/tokenizer-limit", { what: `the id of ${what}`, value, limit: MAX_IDS - 1 });
  return value;
}

/** Bytes of a Hugging Face tokenizer.json to its checked parts. Errors `text/tokenizer-invalid`, `-limit`, `-unsupported`. */
export function parseTokenizerFile(bytes: Uint8Array): TokenizerFile {
  if (bytes.length > MAX_FILE_BYTES)
    throw new TandemError("text/tokenizer-limit", { what: "bytes", value: bytes.length, limit: MAX_FILE_BYTES });
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new TandemError("text/tokenizer-invalid", { reason: `it is not JSON in UTF-8` }, { cause });
  }
  const root = object(parsed, "the file");
  const model = checkModel(object(root.model, "model"));
  checkSurroundings(root);
  const passes = parsePreTokenizer(object(root.pre_tokenizer, "pre_tokenizer"));

  const vocab = new Map<string, number>();
  const owner = new Map<number, string>();
  const own = (spelling: string, tokenId: number): void => {
    const other = owner.get(tokenId);
    if (other !== undefined && other !== spelling) throw invalid(`id ${tokenId} belongs to two tokens`);
    owner.set(tokenId, spelling);
  };
  for (const [key, value] of list(Object.entries(object(model.vocab, "model.vocab")), "model.vocab") as [string, unknown][]) {
    const spelling = entry(key, "a vocabulary entry");
    const tokenId = id(value, "a vocabulary entry");
    if (owner.has(tokenId)) throw invalid(`id ${tokenId} belongs to two tokens`);
    own(spelling, tokenId);
    vocab.set(spelling, tokenId);
  }
  const controls = new Map<string, number>();
  for (const item of list(root.added_tokens ?? [], "added_tokens")) {
    const added = object(item, "an added token");
    const spelling = entry(added.content, "an added token");
    const tokenId = id(added.id, "an added token");
    if (!spelling.isWellFormed()) throw invalid("an added token is not well-formed Unicode");
    if (controls.has(spelling)) throw invalid("two added tokens have the same spelling");
    if (vocab.has(spelling) && vocab.get(spelling) !== tokenId) throw invalid(`added token ${tokenId} has another id in the vocabulary`);
    for (const flag of ["lstrip", "rstrip", "single_word"]) if (added[flag]) throw unsupported(`an added token with ${flag}`);
    own(spelling, tokenId);
    controls.set(spelling, tokenId);
  }
  const merges = parseMerges(list(model.merges, "model.merges"), vocab, controls);
  let size = 0;
  for (const tokenId of owner.keys()) size = Math.max(size, tokenId + 1);
  return { size, vocab, merges, controls, passes };
}

/** Newer files write a merge as a pair, older ones as two entries with a space between. */
function parseMerges(
  merges: readonly unknown[],
  vocab: ReadonlyMap<string, number>,
  controls: ReadonlyMap<string, number>,
): TokenizerFile["merges"] {
  const [left, right, result] = [new Int32Array(merges.length), new Int32Array(merges.length), new Int32Array(merges.length)];
  const lookUp = (spelling: string): number => {
    const found = vocab.get(spelling);
    if (found === undefined) throw invalid("a merge names an entry that is not in the vocabulary");
    return found;
  };
  for (const [rank, merge] of merges.entries()) {
    const pair = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2) throw invalid("a merge is not a pair");
    const [first, second] = [entry(pair[0], "a merge"), entry(pair[1], "a merge")];
    left[rank] = lookUp(first);
    right[rank] = lookUp(second);
    result[rank] = lookUp(first + second);
    // Plain text must never become a control token, so no merge may lead to one.
    if (controls.has(first + second)) throw invalid("a merge produces a control token");
  }
  return { left, right, result };
}

function checkModel(model: Obj): Obj {
  if (model.type !== undefined && model.type !== "BPE") throw unsupported(`the model type ${JSON.stringify(model.type)}`);
  for (const option of [
    "dropout",
    "unk_token",
    "continuing_subword_prefix",
    "end_of_word_suffix",
    "fuse_unk",
    "byte_fallback",
    "ignore_merges",
  ]) {
    if (model[option]) throw unsupported(`the BPE option ${option}`);
  }
  return model;
}

/** What else could change ids or text: no normalizer, and bytes back to text by the byte alphabet. The post-processor only adds BOS, which the dialects write themselves. */
function checkSurroundings(root: Obj): void {
  const normalizer = root.normalizer ?? { type: "Sequence", normalizers: [] };
  const empty =
    isObject(normalizer) && normalizer.type === "Sequence" && Array.isArray(normalizer.normalizers) && normalizer.normalizers.length === 0;
  if (!empty) throw unsupported("a normalizer");
  if (!isObject(root.decoder) || root.decoder.type !== "ByteLevel") throw unsupported("a decoder other than ByteLevel");
}

/** A sequence of isolating splits by known patterns, then ByteLevel without a pattern of its own. */
function parsePreTokenizer(preTokenizer: Obj): RegExp[] {
  if (preTokenizer.type !== "Sequence") throw unsupported("a pre-tokenizer that is not a sequence");
  const steps = list(preTokenizer.pretokenizers, "pre_tokenizer.pretokenizers").map((step) => object(step, "a pre-tokenizer"));
  const last = steps.pop();
  if (last?.type !== "ByteLevel" || last.add_prefix_space || last.use_regex !== false)
    throw unsupported("a pre-tokenizer that does not end in plain ByteLevel");
  return steps.map((step) => {
    if (step.type !== "Split" || step.behavior !== "Isolated" || step.invert)
      throw unsupported(`the pre-tokenizer step ${JSON.stringify(step.type)}`);
    const pattern = object(step.pattern, "a split pattern").Regex;
    if (typeof pattern !== "string") throw unsupported("a split pattern that is not a regular expression");
    return knownPattern(pattern);
  });
}
