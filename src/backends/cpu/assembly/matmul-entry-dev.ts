export * from "./encode-int8";
export * from "./fixed-fp4";
export * from "./fixed-int8";
export * from "./matmul-float";
export * from "./probe";
