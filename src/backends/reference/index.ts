export { Reference } from "./reference.ts";
export { sinkhorn } from "./hyper-connections.ts";
