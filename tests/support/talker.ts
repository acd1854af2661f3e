import { readFileSync } from "node:fs";
import type { Checkpoint } from "../../src/checkpoint/index.ts";
import { Engine, type EngineOptions } from "../../src/engine/index.ts";
import { loadTokenizer } from "../../src/text/index.ts";
import { checkpointFromTensors } from "./checkpoint.ts";
import { MICRO_CONFIG, microTensors } from "./micro.ts";

const minnow = new URL("../../models/minnow/", import.meta.url);

/** A random model with Minnow's tokenizer: talks nonsense, but through every part that real answers go through. */
export async function talker(options: EngineOptions = {}, sideFiles: Readonly<Record<string, string>> = {}): Promise<Engine> {
  return Engine.load(await talkerCheckpoint(sideFiles), options);
}

export function talkerCheckpoint(sideFiles: Readonly<Record<string, string>> = {}): Promise<Checkpoint> {
  const tokenizer = readFileSync(new URL("tokenizer.json", minnow));
  const config = {
    ...MICRO_CONFIG,
    vocab_size: loadTokenizer(tokenizer).size,
    max_position_embeddings: 400,
    bos_token_id: 0,
    eos_token_id: 1,
  };
  const files = {
    "tokenizer.json": tokenizer,
    ...Object.fromEntries(Object.entries(sideFiles).map(([k, v]) => [k, new TextEncoder().encode(v)])),
  };
  return checkpointFromTensors(config, microTensors(config), files);
}
