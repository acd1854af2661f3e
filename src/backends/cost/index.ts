export * from "./cache-layout.ts";
export * from "./cost.ts";
export * from "./ledger.ts";
