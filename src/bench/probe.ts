import { instantiate, type Kernels } from "../backends/cpu/kernels.ts";
import { clock } from "../backends/cpu/trace.ts";

/** A kernel called some times with the same arguments. */
export interface Job {
  readonly kernel: string;
  readonly args: readonly number[];
  readonly times: number;
}
/** One job at most for each thread, begun by all at the same time. */
export type Turn = readonly (Job | undefined)[];

export interface ProbeStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Words on which the threads meet. */
  readonly sync: SharedArrayBuffer;
  readonly me: number;
  readonly threads: number;
}
/** This thread's job of each turn. */
export type ProbeOrder = ProbeStart | { readonly jobs: readonly (Job | undefined)[] };
/** When each turn's job began and ended, on the clock of all threads. */
export type ProbeTimes = Float64Array;

/** Looks at the other threads' word before going to sleep. */
const SPINS = 2000;

/** A probe thread's whole life: answers each list of jobs with its times. */
export function serveProbe(post: (times: ProbeTimes) => void): (order: ProbeOrder) => void {
  let start: ProbeStart;
  let kernels: Kernels;
  return (order) => {
    if ("module" in order) {
      start = order;
      kernels = instantiate(order.module, order.memory);
      return;
    }
    const times = new Float64Array(2 * order.jobs.length);
    for (const [turn, job] of order.jobs.entries()) {
      meet(new Int32Array(start.sync), start.threads);
      times[2 * turn] = clock();
      if (job) for (let i = 0; i < job.times; i++) kernels[job.kernel]!(...job.args);
      times[2 * turn + 1] = clock();
    }
    post(times);
  };
}

/** Waits until all threads are here. */
function meet(sync: Int32Array, threads: number): void {
  const generation = Atomics.load(sync, 1);
  if (Atomics.add(sync, 0, 1) === threads - 1) {
    Atomics.store(sync, 0, 0);
    Atomics.add(sync, 1, 1);
    Atomics.notify(sync, 1);
    return;
  }
  for (let i = 0; i < SPINS && Atomics.load(sync, 1) === generation; i++);
  while (Atomics.load(sync, 1) === generation) Atomics.wait(sync, 1, generation);
}
