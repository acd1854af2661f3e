/** Checkpoints, wherever they run: reading headers, indexes and tensors. Files on disk and the hub are in `node.ts`. */
export * from "./blob-source.ts";
export * from "./checkpoint.ts";
export * from "./encode-header.ts";
export * from "./index-json.ts";
export * from "./limits.ts";
export * from "./memory-source.ts";
export * from "./safe-path.ts";
export * from "./safetensors.ts";
export * from "./types.ts";
