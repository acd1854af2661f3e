import type { StoreSpec } from "../../ops/index.ts";

/**
 * Bytes a cached row takes. The deployed FP8 row keeps everything but the 64 rotary components in E4M3 with one UE8M0
 * scale per 64, the rotary part in BF16, padded to 8 bytes: 448 + 7 + 128 + 1 = 584 for a 512-wide row. Indexer keys are
 * FP8 with one fp32 scale (132 B) or FP4 with a UE8M0 scale per 32 (68 B). Source: v4-architecture section 3.2.
 */
export type CacheLayout = "fp32" | "bf16" | "fp8" | "fp8-fp4";
export const CACHE_LAYOUTS: readonly CacheLayout[] = ["fp32", "bf16", "fp8", "fp8-fp4"];

const padded = (bytes: number) => 8 * Math.ceil(bytes / 8);

export function rowBytes(layout: CacheLayout, holds: StoreSpec["holds"], columns: number, ropeColumns: number): number {
  if (holds === "compressor state" || layout === "fp32") return 4 * columns;
  if (layout === "bf16") return 2 * columns;
  if (holds === "indexer keys") return layout === "fp8" ? columns + 4 : columns / 2 + columns / 32;
  const plain = columns - ropeColumns;
  return padded(plain + Math.ceil(plain / 64) + 2 * ropeColumns);
}
