/**
 * Limits on untrusted files. Each names the attack it stops; real models stay at least one order of magnitude below.
 * DeepSeek-V4-Pro, the largest published set, has 145,116 tensors in 64 shards.
 */

/** A header's length is a 64-bit number in the file: without a limit eight bytes could ask for exabytes. The reference library has the same limit. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Tensors per checkpoint. A header of minimal entries (about 60 bytes each) could otherwise make 1.6 million objects from 100 MB. */
export const MAX_TENSORS = 500_000;

/** Dimensions of a tensor; DeepSeek uses 2, convolutions 5. A longer list only makes every consumer slower. */
export const MAX_RANK = 8;

/** Characters of a tensor name; the longest real one has about 60. Names are repeated in messages, maps and reports. */
export const MAX_NAME_LENGTH = 512;

/** Entries of `__metadata__`, a free table of strings that nothing here needs; real files have one to ten. */
export const MAX_METADATA_ENTRIES = 10_000;

/** `model.safetensors.index.json`: Pro's is about 11 MB. The whole text is held in memory while it is read. */
export const MAX_INDEX_BYTES = 100_000_000;

/** Nesting of values that are skipped over, in the index's `metadata`. Deep nesting overflows the stack of recursive readers. */
export const MAX_DEPTH = 32;

/** Shards of a checkpoint. Each costs an open file, of which a process usually has 1,024; DeepSeek-V3 has 163. */
export const MAX_SHARDS = 900;

/** `config.json`; real ones have 2 to 20 kB. It becomes objects of up to 30 times its size. */
export const MAX_CONFIG_BYTES = 1_000_000;

/** Any other file that is read whole, such as `tokenizer.json` (DeepSeek: 8 MB, the largest known: 34 MB). */
export const MAX_SIDE_FILE_BYTES = 100_000_000;

/** Characters of a file name inside a checkpoint. Linux allows 255 for one part and 4,096 for the whole. */
export const MAX_PATH_LENGTH = 1_024;
