export * from "./numerics.ts";
export * from "./ops.ts";
export * from "./rows.ts";
export * from "./sites.ts";
