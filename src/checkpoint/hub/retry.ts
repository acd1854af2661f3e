/** Node side: doing again what may work the next time. */
import { setTimeout as sleep } from "node:timers/promises";
import { TandemError } from "../../errors.ts";

/** Tries in a row that bring nothing before giving up; with doubling pauses from 0.5 s this is about 30 s of a hub being away. */
const TRIES = 7;
const MAX_PAUSE_MS = 30_000;

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** First pause in milliseconds; it doubles with each further failure. */
  readonly pauseMs: number;
  /** Something that grows while there is progress; if it did, counting starts again. */
  readonly progress?: () => number;
}

/** Repeats `operation` while it fails with `hub/unreachable`, the one error that may pass by itself. */
export async function retry<T>(operation: () => Promise<T>, { signal, pauseMs, progress = () => 0 }: RetryOptions): Promise<T> {
  for (let failures = 0; ; ) {
    const before = progress();
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof TandemError && error.code === "hub/unreachable")) throw error;
      failures = progress() > before ? 1 : failures + 1;
      if (failures === TRIES) throw error;
      // A random factor, so that four downloads cut off together do not come back together.
      const pause = Math.min(pauseMs * 2 ** (failures - 1), MAX_PAUSE_MS) * (0.5 + Math.random());
      await sleep(Math.max(pause, Number(error.details.waitMs ?? 0)), undefined, { signal });
    }
  }
}
