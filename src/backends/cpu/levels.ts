import type { PlanCommand, PlanValue } from "./plan.ts";

/**
 * The same commands with fewer barriers: each is moved to the earliest level where what it needs is there, commands of one level keeping their
 * order. Products that read the same input meet once instead of one after the other, whatever order a model names them in. Level by level a
 * barrier is needed; within one, a command follows another only if one thread does both of its rows (`share`).
 */
export function byLevel(commands: readonly PlanCommand[]): PlanCommand[] {
  const order: PlanCommand[][] = [];
  for (const c of commands) {
    const level = levelOf(c);
    note(c, level);
    (order[level] ??= []).push(c);
  }
  return order.flat();
}

function levelOf({ share, inputs, outputs, reads }: PlanCommand): number {
  let level = 0;
  for (const v of inputs) level = Math.max(level, after(v.writeLevel, v.writeSplit, share));
  for (const v of reads) level = Math.max(level, after(v.writeLevel, v.writeSplit, share));
  for (const v of outputs) level = Math.max(level, after(v.writeLevel, v.writeSplit, share), after(v.readLevel, v.readSplit, share));
  return level;
}

/** The first level at which a command may follow one of `level`, split in the way `other`. */
const after = (level: number, other: number, share: number): number => (share < 0 || other !== share ? level + 1 : level);

function note({ share, inputs, outputs, reads }: PlanCommand, level: number): void {
  for (const v of inputs) noteRead(v, level, share);
  for (const v of reads) noteRead(v, level, share);
  for (const v of outputs) {
    v.writeSplit = v.writeLevel === level && v.writeSplit !== share ? -1 : share;
    v.writeLevel = level;
  }
}

function noteRead(v: PlanValue, level: number, share: number): void {
  // Readers further up are behind a barrier already.
  if (v.readLevel > level) return;
  v.readSplit = v.readLevel === level && v.readSplit !== share ? -1 : share;
  v.readLevel = level;
}
