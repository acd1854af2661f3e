import type { TensorSpec } from "../../src/checkpoint/index.ts";
import type { ExpectedTensor } from "../../src/models/index.ts";
import { FLASH, officialLayout, PRO } from "../../src/synth/index.ts";
import { elements, type StoredTensor } from "../../src/tensor/index.ts";

export { FLASH, PRO };

const dspark = (config: typeof FLASH, rank: number) => ({
  ...config,
  dspark_block_size: 5,
  dspark_noise_token_id: 128799,
  dspark_target_layer_ids: [config.num_hidden_layers - 3, config.num_hidden_layers - 2, config.num_hidden_layers - 1],
  dspark_markov_rank: rank,
  compress_ratios: [...config.compress_ratios.slice(0, config.num_hidden_layers), 0, 0, 0],
});
export const FLASH_0731 = dspark(FLASH, 256);
export const PRO_0813 = dspark(PRO, 512);

/** The tensors of the official layout for what an architecture expects. */
export const officialTensors = (expected: readonly ExpectedTensor[]): TensorSpec[] =>
  expected.flatMap((tensor) => officialLayout(tensor, [128, 128]) as TensorSpec[]);

const BYTES: Readonly<Record<string, number>> = { I64: 8, F32: 4, BF16: 2 };

/** Tensors without data, for everything that works on headers alone. */
export function headersOnly(specs: readonly TensorSpec[]): Map<string, StoredTensor> {
  return new Map(
    specs.map((spec) => [
      spec.name,
      { ...spec, byteLength: elements(spec.shape) * (BYTES[spec.type] ?? 1), read: () => Promise.reject(new Error("headers only")) },
    ]),
  );
}
