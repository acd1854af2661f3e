import { COLUMNS, FORMS, type Form, Inputs, Matrix, MOST_TOKENS } from "./matrices.ts";
import { median } from "./median.ts";
import type { Turn } from "./probe.ts";
import { type Probe, WORK_BYTES } from "./probe-crew-node.ts";
import { readTurn } from "./read.ts";
import type { KernelRate } from "./report.ts";

/** Weights of one call from memory: a model's larger matrices. */
const MEMORY_BYTES = 2 ** 25;
/** Weights that stay in a core's own second-level cache, of which processors have 256 KiB to 2 MiB. */
const CACHE_BYTES = 2 ** 18;
/** So many bytes go through a kernel in one timing: some milliseconds. */
const TIMED_BYTES = 2 ** 25;
/** What `dotAll` loads again and again lies in the first-level cache. */
const DOT_BYTES = 2 ** 13;
const DOT_ROUNDS = 8000;

/** One way to run a kernel, held against what the machine does when it only reads or only multiplies. */
interface Trial {
  readonly form: Form;
  readonly where: KernelRate["where"];
  readonly tokens: number;
  readonly threads: number;
  readonly of: KernelRate["of"];
}

function trials(threads: number): Trial[] {
  const counts = threads > 1 ? [1, threads] : [1];
  return FORMS.flatMap((form): Trial[] => [
    ...counts.map((n) => ({ form, where: "memory", tokens: 1, threads: n, of: "read" }) as const),
    { form, where: "cache", tokens: 1, threads: 1, of: "read" },
    ...(form.prepared && form.prepared !== "fp8" ? [{ form, where: "cache", tokens: MOST_TOKENS, threads: 1, of: "dot" } as const] : []),
  ]);
}

/** All kernels; measurement and yardstick alternate, so that what disturbs the machine disturbs both. Medians of `rounds`. */
export async function measureKernels(probe: Probe, rounds: number, onTrial: (done: number, total: number) => void): Promise<KernelRate[]> {
  const inputs = new Inputs(probe);
  const all = trials(probe.threads);
  const rates: KernelRate[] = [];
  for (const [i, trial] of all.entries()) {
    onTrial(i, all.length);
    rates.push(await measure(probe, inputs, trial, rounds));
  }
  return rates;
}

async function measure(probe: Probe, inputs: Inputs, trial: Trial, rounds: number): Promise<KernelRate> {
  const { form, where, tokens, threads, of } = trial;
  const bytes = where === "memory" ? MEMORY_BYTES : CACHE_BYTES;
  const times = where === "memory" ? 1 : Math.ceil(TIMED_BYTES / CACHE_BYTES / (tokens / 2 + 0.5));
  // From memory every call takes other bytes: by the time it comes back to the first, no cache has them any more.
  let next = 0;
  const fresh = () => {
    const at = WORK_BYTES + (where === "memory" ? next : 0);
    next = (next + bytes) % (probe.bytes - bytes + 1);
    return at;
  };
  const turns: Turn[] = [];
  let matrix = new Matrix(form, WORK_BYTES, bytes);
  for (let round = 0; round <= rounds; round++) {
    turns.push(of === "dot" ? dotTurn() : readTurn(probe, fresh(), matrix.bytes, threads, 0, times));
    matrix = new Matrix(form, fresh(), bytes);
    turns.push(productTurn(matrix, inputs, tokens, threads, times));
  }
  // The first round compiles.
  const ms = (await probe.run(turns)).slice(2);
  const taken = ms.filter((_, i) => i % 2 === 1);
  const yardstick = ms.filter((_, i) => i % 2 === 0);
  const read = matrix.bytes * times;
  const multiplied = matrix.rows * COLUMNS * tokens * times;
  const most = of === "dot" ? DOT_BYTES * DOT_ROUNDS : read;
  const done = of === "dot" ? multiplied : read;
  const t = median(taken);
  return {
    ...{ name: form.kernel, where, tokens, threads },
    ...{ gbPerSecond: read / t / 1e6, gmacPerSecond: multiplied / t / 1e6 },
    ratio: median(taken.map((t, i) => done / t / (most / yardstick[i]!))),
    of,
  };
}

const dotTurn = (): Turn => [{ kernel: "dotAll", args: [WORK_BYTES, DOT_BYTES, DOT_ROUNDS], times: 1 }];

/** The product of a matrix, its rows divided among the first `threads` threads. */
export function productTurn(matrix: Matrix, inputs: Inputs, tokens: number, threads: number, times: number): Turn {
  return Array.from({ length: threads }, (_, t) => ({
    kernel: matrix.form.kernel,
    args: matrix.args(inputs, tokens, Math.floor((matrix.rows * t) / threads), Math.floor((matrix.rows * (t + 1)) / threads)),
    times,
  }));
}
