export * from "./tensor.ts";
export * from "./weight.ts";
