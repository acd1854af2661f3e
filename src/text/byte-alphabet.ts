/**
 * The byte alphabet of byte-level BPE: each of the 256 byte values is written as one printable character, so that a vocabulary of
 * byte strings can be stored as ordinary text. Printable Latin-1 bytes stand for themselves; the other 68 take U+0100, U+0101, …
 * in byte order (so space, 0x20, is U+0120 `Ġ`). Introduced with GPT-2; every DeepSeek tokenizer.json uses it.
 */

const isPrintable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

/** Character of each byte value, index 0–255. */
export const BYTE_TO_CHAR: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

const CHAR_TO_BYTE: ReadonlyMap<string, number> = new Map(BYTE_TO_CHAR.map((char, byte) => [char, byte]));

/** Bytes of a vocabulary entry. An entry with a character outside the alphabet is taken literally, as UTF-8. */
export function tokenBytes(entry: string): Uint8Array {
  const bytes = new Uint8Array(entry.length);
  for (let i = 0; i < entry.length; i++) {
    const byte = CHAR_TO_BYTE.get(entry[i]!);
    if (byte === undefined) return new TextEncoder().encode(entry);
    bytes[i] = byte;
  }
  return bytes;
}
