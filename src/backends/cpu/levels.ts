import type { Command, Value } from "./program.ts";

/** Never repeats, so that marks left on stores by an earlier program mean nothing to the next. */
let next = 0;

/**
 * The same commands with fewer barriers: each is moved to the earliest level where what it needs is there, commands of one level keeping their
 * order. Products that read the same input meet once instead of one after the other, whatever order a model names them in. Level by level a
 * barrier is needed; within one, a command follows another only if one thread does both of its rows (`share`).
 */
export function byLevel(commands: readonly Command[]): Command[] {
  const base = next;
  const levels = new Int32Array(commands.length);
  for (let i = 0; i < commands.length; i++) {
    const level = levelOf(commands[i]!, base);
    note(commands[i]!, level);
    levels[i] = level - base;
    next = Math.max(next, level + 1);
  }
  const order: Command[][] = Array.from({ length: next - base }, () => []);
  for (let i = 0; i < commands.length; i++) order[levels[i]!]!.push(commands[i]!);
  return order.flat();
}

function levelOf({ share, inputs, outputs, reads }: Command, base: number): number {
  let level = base;
  for (const v of inputs) level = Math.max(level, after(v.writeLevel, v.writeSplit, share));
  if (reads) for (const v of reads) level = Math.max(level, after(v.writeLevel, v.writeSplit, share));
  for (const v of outputs) level = Math.max(level, after(v.writeLevel, v.writeSplit, share), after(v.readLevel, v.readSplit, share));
  return level;
}

/** The first level at which a command may follow one of `level`, split in the way `other`. */
const after = (level: number, other: number, share: number): number => (share < 0 || other !== share ? level + 1 : level);

function note({ share, inputs, outputs, reads }: Command, level: number): void {
  for (const v of inputs) noteRead(v, level, share);
  if (reads) for (const v of reads) noteRead(v, level, share);
  for (const v of outputs) {
    v.writeSplit = v.writeLevel === level && v.writeSplit !== share ? -1 : share;
    v.writeLevel = level;
  }
}

function noteRead(v: Value, level: number, share: number): void {
  // Readers further up are behind a barrier already.
  if (v.readLevel > level) return;
  v.readSplit = v.readLevel === level && v.readSplit !== share ? -1 : share;
  v.readLevel = level;
}
