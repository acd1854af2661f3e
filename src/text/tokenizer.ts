import { TandemError } from "../errors.ts";
import { bytePairEncode } from "./bpe.ts";
import { BYTE_TO_CHAR, tokenBytes } from "./byte-alphabet.ts";
import { MergeTable } from "./merge-table.ts";
import { pieces } from "./pieces.ts";
import { parseTokenizerFile } from "./tokenizer-file.ts";
import type { Segment, Tokenizer } from "./types.ts";

/** UTF-16 units of one text. A million tokens of English are about 4 million; on long runs of astral letters the regular expressions of V8 overflow their stack between 4 and 8 million. */
export const MAX_TEXT_UNITS = 4 * 2 ** 20;
/** Words repeat: pieces up to this many UTF-16 units are remembered, and forgotten all at once when there are too many. */
const CACHED_PIECE_UNITS = 32;
const CACHED_PIECES = 2 ** 15;

/**
 * A byte-level BPE tokenizer from the bytes of a Hugging Face `tokenizer.json`, which is not trusted.
 * Added tokens become control tokens: reachable by their spelling through `encodeSegments` and `controlId`, never through text.
 * Errors `text/tokenizer-invalid`, `text/tokenizer-limit`, `text/tokenizer-unsupported`.
 */
export function loadTokenizer(json: Uint8Array): Tokenizer {
  const { size, vocab, merges, controls, passes } = parseTokenizerFile(json);

  const byteIds = Int32Array.from(BYTE_TO_CHAR, (char) => {
    const id = vocab.get(char);
    if (id === undefined || controls.has(char))
      throw new TandemError("text/tokenizer-invalid", { reason: "it has no text token for every single byte" });
    return id;
  });
  const table = new MergeTable(size, merges.left, merges.right, merges.result);
  const spellings = new Map([...controls].map(([spelling, id]) => [id, spelling]));
  const bytesById = new Array<Uint8Array | undefined>(size);
  for (const [spelling, id] of vocab) bytesById[id] = tokenBytes(spelling);
  for (const [spelling, id] of controls) bytesById[id] = new TextEncoder().encode(spelling);

  const utf8 = new TextEncoder();
  const cache = new Map<string, readonly number[]>();
  const encodePiece = (piece: string): readonly number[] => {
    const known = cache.get(piece);
    if (known !== undefined) return known;
    const ids = bytePairEncode(utf8.encode(piece), byteIds, table);
    if (piece.length <= CACHED_PIECE_UNITS) {
      if (cache.size >= CACHED_PIECES) cache.clear();
      cache.set(piece, ids);
    }
    return ids;
  };

  const appendText = (text: string, out: number[]): void => {
    if (text.length > MAX_TEXT_UNITS) throw new TandemError("text/too-long", { value: text.length, limit: MAX_TEXT_UNITS });
    // Half of a surrogate pair has no UTF-8; it becomes U+FFFD, as everywhere on the web.
    for (const piece of pieces(text.toWellFormed(), passes)) for (const id of encodePiece(piece)) out.push(id);
  };

  const bytes = (id: number): Uint8Array => {
    const found = bytesById[id];
    if (found === undefined) throw new TandemError("text/unknown-id", { id, size });
    return found;
  };

  return {
    size,
    encode(text) {
      const out: number[] = [];
      appendText(text, out);
      return out;
    },
    encodeSegments(segments) {
      const out: number[] = [];
      for (const part of mergeText(segments, controls)) {
        if ("text" in part) appendText(part.text, out);
        else out.push(controls.get(part.control)!);
      }
      return out;
    },
    controlId: (spelling) => controls.get(spelling),
    controlSpelling: (id) => spellings.get(id),
    has: (id) => bytesById[id] !== undefined,
    bytes: (id) => bytes(id).slice(),
    decode(ids) {
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      let text = "";
      for (const id of ids) text += decoder.decode(bytes(id), { stream: true });
      return text + decoder.decode();
    },
  };
}

/** Joins neighbouring text pieces; optional control pieces that the vocabulary lacks become text first. Error `text/unknown-control`. */
function mergeText(segments: readonly Segment[], controls: ReadonlyMap<string, number>): Segment[] {
  const out: Segment[] = [];
  let run: string[] = [];
  const flush = (): void => {
    if (run.length > 0) out.push({ text: run.join("") });
    run = [];
  };
  for (const segment of segments) {
    if ("text" in segment) run.push(segment.text);
    else if (controls.has(segment.control)) {
      flush();
      out.push(segment);
    } else if (segment.optional) run.push(segment.control);
    else throw new TandemError("text/unknown-control", { spelling: segment.control });
  }
  flush();
  return out;
}
