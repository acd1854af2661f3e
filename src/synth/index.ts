/** Random checkpoints of V4 shape, wherever they are made. Writing them to disk is in `write-node.ts`. */
export * from "./checkpoint.ts";
export * from "./official-layout.ts";
export * from "./published.ts";
export * from "./shape.ts";
export * from "./tensors.ts";
