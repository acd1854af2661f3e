export { type BenchOptions, bench } from "./bench-node.ts";
export type * from "./report.ts";
