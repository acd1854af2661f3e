/**
 * A V4 checkpoint folder as one GGUF file for llama.cpp (architecture `deepseek4`):
 *
 *     node bench/peers/gguf-from-checkpoint.ts CHECKPOINT OUT.gguf [--experts MXFP4|Q4_0]
 */
import { rename, stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { openCheckpoint } from "../../src/checkpoint/node.ts";
import { deepseek4Keys } from "./deepseek4-keys.ts";
import { deepseek4Tensors, type ExpertType } from "./deepseek4-tensors.ts";
import { writeGguf } from "./gguf.ts";

export async function ggufFromCheckpoint(folder: string, out: string, experts: ExpertType = "MXFP4"): Promise<void> {
  const checkpoint = await openCheckpoint(folder);
  try {
    const { config, tensors: stored } = checkpoint;
    const { tensors, bytesPerToken } = deepseek4Tensors(config, stored, experts);
    await writeGguf(`${out}.part`, deepseek4Keys(config), tensors);
    await rename(`${out}.part`, out);
    const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    console.error(
      `${out}: ${mb((await stat(out)).size)}; a decoded token reads ${mb(bytesPerToken.gguf)}, in the checkpoint ${mb(bytesPerToken.checkpoint)}`,
    );
  } finally {
    await checkpoint.close();
  }
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { experts: { type: "string", default: "MXFP4" } } });
  const [folder, out] = positionals;
  if (!folder || !out) throw new Error("usage: gguf-from-checkpoint.ts CHECKPOINT OUT.gguf [--experts MXFP4|Q4_0]");
  await ggufFromCheckpoint(folder, out, values.experts as ExpertType);
}
