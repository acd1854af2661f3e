import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { compileKernels, instantiate, type Kernels } from "../backends/cpu/kernels.ts";
import { TandemError } from "../errors.ts";
import type { ProbeOrder, ProbeTimes, Turn } from "./probe.ts";

/** Run from source the neighbour ends in .ts, built it ends in .js. */
const entry = new URL(`./probe-worker-node.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
const PAGE = 65536;
/** Room for inputs and results, before the bytes that are read. */
export const WORK_BYTES = 2 ** 23;

/** Threads that run kernels on a memory of their own, to see what the machine gives. They sleep while nothing is asked of them. */
export class Probe {
  readonly threads: number;
  /** Bytes to be read, from `WORK_BYTES` on. */
  readonly bytes: number;
  readonly memory: WebAssembly.Memory;
  /** For preparing inputs on the caller's own thread. */
  readonly kernels: Kernels;
  readonly #workers: readonly Worker[];

  private constructor(memory: WebAssembly.Memory, bytes: number, kernels: Kernels, workers: readonly Worker[]) {
    this.memory = memory;
    this.bytes = bytes;
    this.kernels = kernels;
    this.threads = workers.length;
    this.#workers = workers;
  }

  /** `bytes`: a multiple of 1 MiB per thread. Error `engine/out-of-memory`. */
  static async start(threads: number, bytes: number): Promise<Probe> {
    const module = await compileKernels();
    const memory = reserve(WORK_BYTES + bytes);
    fill(new Uint8Array(memory.buffer, WORK_BYTES));
    const sync = new SharedArrayBuffer(8);
    const workers = Array.from({ length: threads }, (_, me) => {
      const worker = new Worker(entry, { name: "probe", execArgv: [] });
      const start: ProbeOrder = { module, memory, sync, me, threads };
      worker.postMessage(start);
      return worker;
    });
    return new Probe(memory, bytes, instantiate(module, memory), workers);
  }

  /** Runs one turn after the other; milliseconds of each, from the first thread's beginning to the last one's end. */
  async run(turns: readonly Turn[]): Promise<number[]> {
    const times = await Promise.all(
      this.#workers.map(async (worker, me) => {
        const order: ProbeOrder = { jobs: turns.map((turn) => turn[me]) };
        worker.postMessage(order);
        const [answer] = (await once(worker, "message")) as [ProbeTimes];
        return answer;
      }),
    );
    return turns.map((turn, t) => {
      const busy = times.filter((_, me) => turn[me]);
      return Math.max(...busy.map((of) => of[2 * t + 1]!)) - Math.min(...busy.map((of) => of[2 * t]!));
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function reserve(bytes: number): WebAssembly.Memory {
  const pages = bytes / PAGE + 1;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new TandemError("engine/out-of-memory", { bytes }, { cause });
  }
}

/**
 * Different bytes between 0x38 and 0x3f: whatever format a kernel takes them for, weights or scales, they are ordinary numbers, neither
 * zeros nor subnormals, which some processors are slower at.
 */
function fill(target: Uint8Array): void {
  let seed = 1;
  for (let i = 0; i < PAGE; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    target[i] = 0x38 | (seed >>> 29);
  }
  for (let filled = PAGE; filled < target.length; filled *= 2) target.copyWithin(filled, 0, Math.min(filled, target.length - filled));
}
