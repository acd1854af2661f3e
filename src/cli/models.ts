import { fileURLToPath } from "node:url";
import { type Checkpoint, openSideFiles } from "../checkpoint/index.ts";
import { diskFolder, openCheckpoint, resolveModel } from "../checkpoint/node.ts";
import { Engine, type EngineOptions } from "../engine/index.ts";
import { NUMERICS } from "../ops/index.ts";
import type { DialectName } from "../text/index.ts";
import type { Args } from "./args.ts";
import type { Options } from "./command.ts";
import { defined } from "./defined.ts";
import type { IO } from "./io.ts";
import { MEMORY_OPTIONS, memoryRequest, type Steps, withinMemory } from "./memory.ts";
import { progressBar } from "./progress.ts";
import { bytes } from "./text.ts";

export const MODEL_IN_THE_BOX = "minnow";
export const isModelInTheBox = (name: string): boolean => name === MODEL_IN_THE_BOX || name === "-";

const NUMERICS_NAMES = [...NUMERICS.keys()].map((name) => (name === "official" ? "official (default)" : name)).join(", ");

/** Options of every command that loads a model. */
export const LOAD_OPTIONS: Options = {
  numerics: {
    type: "string",
    value: "NAME",
    about: `how numbers are rounded: ${NUMERICS_NAMES}; \`tandem inspect MODEL\` says what each does`,
  },
  context: { type: "string", value: "N", about: "tokens the conversation may hold (default: what the model was made for)" },
  dialect: {
    type: "string",
    value: "NAME",
    about: "prompt dialect, instead of the one the checkpoint shows: v3.1, v3.2, v4, v4-0731, v4.1",
  },
  ...MEMORY_OPTIONS,
};

/** The folder of a model: a path, a model in the hub's cache, or `minnow` (also `-`) for the one in the box. Errors as `resolveModel`. */
export function findModel(name: string): Promise<string> {
  // Two folders up both in a checkout (src/cli) and in the installed package (dist/cli).
  return resolveModel(isModelInTheBox(name) ? fileURLToPath(new URL("../../models/minnow", import.meta.url)) : name);
}

/**
 * Loads a model with the options above; without its text side if `text` is false. The engine then owns the checkpoint: it must be closed.
 * Errors beside those of loading: `plan/does-not-fit` before any weight is read.
 */
export async function loadEngine(name: string, args: Args, io: IO, { text = true, steps = {} }: LoadSetup = {}): Promise<Engine> {
  const options: EngineOptions = defined({
    text,
    numerics: args.text("numerics"),
    context: args.integer("context", 1),
    dialect: args.text("dialect") as DialectName | undefined,
  });
  const request = memoryRequest(args);
  const checkpoint = await openCheckpoint(await findModel(name));
  const bar = progressBar(io, "loading", bytes);
  try {
    const memory = await withinMemory(checkpoint, request, { text, ...steps });
    return await Engine.load(checkpoint, { ...options, ...memory, ownsCheckpoint: true, onProgress: bar.update });
  } catch (error) {
    await checkpoint.close();
    throw error;
  } finally {
    bar.end();
  }
}

interface LoadSetup {
  readonly text?: boolean;
  readonly steps?: Steps;
}

/** A model folder for its text side: neither weights nor config.json need to be there. */
export async function openTextSide(name: string): Promise<Pick<Checkpoint, "location" | "config" | "sideFile">> {
  const side = await openSideFiles(diskFolder(await findModel(name)));
  return { ...side, config: side.config ?? {} };
}
