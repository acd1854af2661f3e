import { BASE64 as PLAIN } from "./kernels-plain.ts";
import { BASE64 as RELAXED } from "./kernels-relaxed.ts";

/** The exports of assembly/; all take and give numbers, pointers as unsigned addresses. */
export type Kernels = Readonly<Record<string, (...args: number[]) => number>>;
export type KernelVariant = "relaxed" | "plain";

/** A function whose only instruction is `i32x4.relaxed_dot_i8x16_i7x16_add_s`: valid where relaxed SIMD is. */
const PROBE = "AGFzbQEAAAABBQFgAAF7AwIBAAoTAREAQQD9EUEA/RFBAP0R/ZMCCw==";

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

/** Whether the JavaScript engine knows relaxed SIMD. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(fromBase64(PROBE));

/** Compiles the kernels; `variant` only where both are to be compared. */
export const compileKernels = (variant: KernelVariant = hasRelaxedSimd() ? "relaxed" : "plain"): Promise<WebAssembly.Module> =>
  WebAssembly.compile(fromBase64(variant === "relaxed" ? RELAXED : PLAIN));

/** Kernels working on one memory. */
export const instantiate = (module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels =>
  new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels;
