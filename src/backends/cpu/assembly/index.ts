// Every kernel of the CPU interpreter. One file per family; conventions in ./README.md.
export * from "./probe";
export * from "./attend";
export * from "./elementwise";
export * from "./encode-int8";
export * from "./fixed-fp4";
export * from "./fixed-int8";
export * from "./hadamard";
export * from "./hyper-connections";
export { indexScores } from "./index-scores";
export * from "./index-scores-fp4";
export * from "./matmul-float";
export * from "./norm";
export * from "./pool";
export * from "./rope";
export * from "./round-blocks";
export * from "./route";
export * from "./rows";
export * from "./top-k";
