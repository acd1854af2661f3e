import { type Checkpoint, checkpointFromSources, encodeHeader, memorySource, type TensorSpec } from "../../src/checkpoint/index.ts";

/** A checkpoint held in memory, through the real header encoder and reader. */
export function checkpointFromTensors(
  config: object,
  tensors: readonly (TensorSpec & { readonly bytes: Uint8Array })[],
  sideFiles: Readonly<Record<string, Uint8Array>> = {},
): Promise<Checkpoint> {
  const header = encodeHeader(tensors, "model.safetensors");
  const file = new Uint8Array(header.bytes.length + header.dataSize);
  file.set(header.bytes);
  let at = header.bytes.length;
  for (const { tensor } of header.order) {
    file.set(tensor.bytes, at);
    at += tensor.bytes.length;
  }
  const files = { "config.json": new TextEncoder().encode(JSON.stringify(config)), "model.safetensors": file, ...sideFiles };
  return checkpointFromSources(Object.entries(files).map(([name, bytes]) => memorySource(name, bytes)));
}
