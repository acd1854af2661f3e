import { after } from "node:test";
import { Cpu } from "../../src/backends/cpu/index.ts";
import { Reference } from "../../src/backends/reference/index.ts";
import type { Numerics, Ops } from "../../src/ops/index.ts";

/** Every interpreter that computes numbers, in the ways it can be set up: what one suite over all of them runs on. */
export const INTERPRETERS: readonly { readonly name: string; readonly make: (numerics: Numerics) => Ops }[] = [
  { name: "reference", make: (numerics) => new Reference(numerics) },
  { name: "cpu", make: (numerics) => closing(new Cpu(numerics, { threads: 1 })) },
  { name: "cpu, 2 threads, plain kernels", make: (numerics) => closing(new Cpu(numerics, { threads: 2, kernels: "plain" })) },
];

function closing(ops: Ops): Ops {
  after(() => ops.close());
  return ops;
}
