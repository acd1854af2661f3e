/** Checkpoints in Node: folders on disk, writing, the hub and its cache. Everything else is in `index.ts`. */
export { requireSpace } from "./disk-space-node.ts";
export * from "./file-source.ts";
export { cacheDirectory, resolveModel } from "./hub/cache.ts";
export { isModelFile, type PulledModel, type PullOptions, type PullProgress, pull } from "./hub/pull.ts";
export * from "./open-checkpoint-node.ts";
export * from "./writer-node.ts";
