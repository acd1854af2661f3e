/** The engines that can be compared on one checkpoint, each as a child process that answers one workload once. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { child, nodeChild } from "./child.ts";
import { tandemRates } from "./tandem-rates.ts";
import type { Rates, Workload } from "./workload.ts";

export interface Setting {
  readonly checkpoint: string;
  readonly peers: string;
  /** Folder for the converted models; what is there and not older than the checkpoint is used again. */
  readonly work: string;
  readonly workload: Workload;
  readonly python: string;
  readonly chromium: string;
  readonly llamaBench: string;
}

export interface Engine {
  readonly name: string;
  /** What is not like Tandem's own work, for the table's footnotes. */
  readonly note: string;
  /** Writes what the engine reads. */
  prepare(): Promise<void>;
  rates(): Promise<Rates>;
}

export const NAMES = [
  ...["tandem", "tandem-int8", "tandem-float", "llama.cpp", "llama-bench"],
  ...["wllama", "wllama-q4", "ort-web", "ort-web-q4", "ort-node", "ort-node-q4"],
] as const;
export type EngineName = (typeof NAMES)[number];

export function engine(name: EngineName, setting: Setting): Engine {
  const { checkpoint, peers, work, workload, python, chromium, llamaBench } = setting;
  const { threads, contexts, decode } = workload;
  const script = (file: string): string => join(import.meta.dirname, file);
  const once = ["--peers", peers, "--threads", `${threads}`, "--contexts", contexts.join(), "--decode", `${decode}`, "--repeats", "1"];
  const made = (file: string, make: (path: string) => Promise<string>) => async (): Promise<void> => {
    const path = join(work, file);
    mkdirSync(work, { recursive: true });
    if (!existsSync(path) || statSync(path).mtimeMs < statSync(join(checkpoint, "config.json")).mtimeMs) await make(path);
  };
  const peer = (note: string, file: string, make: (path: string) => Promise<string>, measure: string, ...more: string[]): Engine => ({
    name,
    note,
    prepare: made(file, make),
    rates: async () => JSON.parse(await nodeChild(script(measure), [join(work, file), ...once, ...more])),
  });
  const gguf = (experts: string) => (path: string) =>
    nodeChild(script("gguf-from-checkpoint.ts"), [checkpoint, path, "--experts", experts]);
  const onnx = (kind: string) => (path: string) => child(python, [script("onnx-stack.py"), checkpoint, path, "--kind", kind]);
  const tandem = (numerics: string): Engine => ({
    name,
    note: `numerics ${numerics}`,
    prepare: async () => {},
    rates: () => tandemRates(checkpoint, { threads, numerics, contexts }),
  });
  const mxfp4 = "MXFP4 experts, Q8_0 for FP8";
  const q4 = "Q4_0 experts, Q8_0 for FP8";
  switch (name) {
    case "tandem":
      return tandem("official");
    case "tandem-int8":
      return tandem("int8");
    case "tandem-float":
      return tandem("float");
    case "llama.cpp":
      return peer(`node-llama-cpp; ${mxfp4}`, "mxfp4.gguf", gguf("MXFP4"), "llama-cpp.ts");
    case "llama-bench":
      return peer(`built here; ${mxfp4}`, "mxfp4.gguf", gguf("MXFP4"), "llama-bench.ts", "--binary", llamaBench);
    case "wllama":
      return peer(`Chromium; ${mxfp4}`, "mxfp4.gguf", gguf("MXFP4"), "wllama.ts", "--chromium", chromium);
    case "wllama-q4":
      return peer(`Chromium; ${q4}`, "q4.gguf", gguf("Q4_0"), "wllama.ts", "--chromium", chromium);
    case "ort-web":
    case "ort-node":
      return peer("matrix products only, INT8", "q8.onnx", onnx("q8"), "onnxruntime.ts", "--runtime", name.slice(4));
    case "ort-web-q4":
    case "ort-node-q4":
      return peer("matrix products only, 4 and 8 bits", "q4.onnx", onnx("q4"), "onnxruntime.ts", "--runtime", name.slice(4, -3));
  }
}
