export * from "./architecture.ts";
export * from "./deepseek-v4.ts";
export * from "./deepseek-v4-config.ts";
export * from "./deepseek-v4-state.ts";
export * from "./deepseek-v4-weights.ts";
export * from "./rope.ts";
export * from "./weights.ts";
