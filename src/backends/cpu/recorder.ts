import type { CommandName } from "./commands.ts";
import { CpuTensor } from "./handles.ts";
import type { KernelSizes } from "./kernel-sizes.ts";
import type { Profile } from "./profile.ts";
import type { More } from "./recording.ts";
import type { Runner } from "./runner.ts";
import { Value } from "./value.ts";

const NOTHING = {};

/** What all operations need to write themselves down. */
export class Recorder {
  readonly profile: Profile;
  readonly sizes: KernelSizes;
  readonly runner: Runner;
  readonly threads: number;

  constructor(profile: Profile, sizes: KernelSizes, runner: Runner, threads: number) {
    this.profile = profile;
    this.sizes = sizes;
    this.runner = runner;
    this.threads = threads;
  }

  do(name: CommandName, share: number, outputs: Value[], inputs: Value[], scalars: number[], more: More = NOTHING): void {
    this.runner.recording.add(name, share, outputs, inputs, scalars, more);
  }

  /** A row-wise command with one result of the given columns. */
  map(name: CommandName, rows: number, columns: number, inputs: Value[], scalars: number[], bank?: number): CpuTensor {
    const out = new CpuTensor(rows, columns);
    this.do(name, rows, [out.value], inputs, scalars, { bank });
    return out;
  }
}

export const int32 = (values: ArrayLike<number>): Value => {
  const data = new Int32Array(values);
  return new Value(data.byteLength, { constant: new Uint8Array(data.buffer) });
};
/** Scalars are 32-bit words; a float travels by its bits. */
const oneFloat = new Float32Array(1);
const itsBits = new Int32Array(oneFloat.buffer);
export function floatBits(v: number): number {
  oneFloat[0] = v;
  return itsBits[0]!;
}
export const bit = (on: boolean): number => (on ? 1 : 0);
export const tensor = (x: unknown): CpuTensor => x as CpuTensor;
