import type { Checkpoint } from "../checkpoint/index.ts";
import { syntheticTensors } from "./tensors.ts";

/** The same checkpoint without a disk: its tensors are made when they are read. Errors as `supportedConfig`. */
export function syntheticCheckpoint(config: Readonly<Record<string, unknown>>, seed = 0): Checkpoint {
  return {
    location: "a synthetic checkpoint",
    config,
    tensors: new Map(syntheticTensors(config, seed).map((tensor) => [tensor.name, tensor])),
    totalSize: undefined,
    files: [],
    missingFiles: [],
    sideFile: async () => undefined,
    close: async () => {},
  };
}
