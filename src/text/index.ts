export { renderFim } from "./dialects/fim.ts";
export { DIALECTS, dialect } from "./dialects/index.ts";
export { type DetectedDialect, type DialectEvidence, detectDialect } from "./fingerprint.ts";
export { dumpJson, type Json, JsonNumber, type JsonObject, parseJson } from "./json.ts";
export { createOutputParser } from "./output-parser.ts";
export { StreamDecoder } from "./stream-decoder.ts";
export { loadTokenizer } from "./tokenizer.ts";
export type * from "./types.ts";
