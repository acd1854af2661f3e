import type { CommandName } from "./commands.ts";
import { CpuTensor } from "./handles.ts";
import type { KernelSizes } from "./kernel-sizes.ts";
import type { Profile } from "./profile.ts";
import { type Command, Value } from "./program.ts";
import type { Runner } from "./runner.ts";

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

  do(
    name: CommandName,
    share: number,
    outputs: Value[],
    inputs: Value[],
    scalars: number[],
    more: Pick<Partial<Command>, "bank" | "reads" | "banks" | "experts"> = {},
  ): void {
    this.runner.add({ name, share, bank: undefined, outputs, inputs, scalars, ...more });
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
export const bit = (on: boolean): number => (on ? 1 : 0);
export const tensor = (x: unknown): CpuTensor => x as CpuTensor;
