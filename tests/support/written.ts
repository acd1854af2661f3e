import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Checkpoint } from "../../src/checkpoint/index.ts";
import { writeCheckpoint } from "../../src/checkpoint/node.ts";

/** Writes a checkpoint to a temporary folder, with further files if wanted. The caller removes it. */
export async function writeTemporary(checkpoint: Checkpoint, files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "tandem-model-"));
  const encode = (content: string | Uint8Array) => (typeof content === "string" ? new TextEncoder().encode(content) : content);
  const sideFiles = new Map(
    Object.entries({ "config.json": JSON.stringify(checkpoint.config), ...files }).map(([name, content]) => [name, encode(content)]),
  );
  const tensors = [...checkpoint.tensors.values()].map((t) => ({ name: t.name, type: t.type, shape: t.shape, data: () => t.read() }));
  await writeCheckpoint(directory, tensors, { sideFiles });
  return directory;
}
