import { TandemError } from "../errors.ts";
import type { Model } from "./model.ts";
import type { Known } from "./prompt-cache.ts";
import type { SamplingOptions } from "./sampling.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TextSide } from "./text-side.ts";

/** What sessions need of an engine. */
export interface LoadedEngine {
  readonly location: string;
  readonly model: Model;
  readonly scheduler: Scheduler;
  readonly text: TextSide | undefined;
  /** How all conversations begin, if that was computed. */
  readonly opening: Known | undefined;
  /** Output rows of the model that are no token; never sampled. */
  readonly unused: readonly number[];
  /** Sampling the checkpoint recommends. */
  readonly defaults: SamplingOptions;
  readonly context: number;
  /** Aborted when the engine is closed. */
  readonly closing: AbortSignal;
}

/** Error `engine/closed`. */
export function checkOpen({ closing }: LoadedEngine): void {
  if (closing.aborted) throw new TandemError("engine/closed");
}
