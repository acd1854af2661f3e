/** Number formats, exactly: single values, stored arrays, and blocks that share a scale. */
export {
  BLOCK_FORMATS,
  type BlockFormat,
  type BlockFormatName,
  blockBytes,
  blockFormat,
  type ElementName,
  type ScaleName,
} from "./block-format.ts";
export type { EncodeOptions, FormatName, NumberFormat, Overflow, Rounding } from "./number-format.ts";
export { dequantise, type Quantised, type QuantiseOptions, quantise } from "./quantise.ts";
export { FORMATS, format, isFormatName } from "./registry.ts";
export { roundBF16 } from "./round-bf16.ts";
export { roundTrip } from "./round-trip.ts";
export { round, rounder } from "./rounder.ts";
export { SCALE_RULES, type ScaleRule, type ScaleRuleName } from "./scale-rules.ts";
export { decodeArray, encodeArray, type StoredFormatName, storedBits } from "./storage.ts";
export { decodeTable } from "./tables.ts";
