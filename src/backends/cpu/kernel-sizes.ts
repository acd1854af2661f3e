import { compileKernels, instantiate, type KernelVariant } from "./kernels.ts";
import { PREPARE, type Prepared } from "./products.ts";

/** The compiled kernels, and what they say about the memory they need. */
export interface KernelSizes {
  readonly module: WebAssembly.Module;
  /** Bytes of one row in a form made for a product. */
  preparedBytes(form: Prepared, columns: number): number;
  packedFP4Bytes(columns: number): number;
  packedFP4QueryBytes(heads: number, columns: number): number;
  attendScratchBytes(rows: number): number;
  readonly topKScratchBytes: number;
  /** A float64 per expert. */
  routeScratchBytes(experts: number): number;
}

export async function kernelSizes(variant: KernelVariant | undefined): Promise<KernelSizes> {
  const module = await compileKernels(variant);
  const k = instantiate(module, new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true }));
  const line = (bytes: number) => Math.ceil(bytes / 64) * 64;
  return {
    module,
    preparedBytes: (form, columns) => line(k[PREPARE[form].bytes]!(columns)),
    packedFP4Bytes: (columns) => k.packedFP4Bytes!(columns),
    packedFP4QueryBytes: (heads, columns) => line(k.packedFP4QueryBytes!(heads, columns)),
    attendScratchBytes: (rows) => line(k.attendScratchBytes!(rows)),
    topKScratchBytes: line(k.topKScratchBytes!()),
    routeScratchBytes: (experts) => line(8 * experts),
  };
}
