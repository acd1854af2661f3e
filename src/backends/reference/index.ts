export { sinkhorn } from "./hyper-connections.ts";
export { Reference } from "./reference.ts";
