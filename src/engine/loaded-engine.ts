import type { Model } from "./model.ts";
import type { SamplingOptions } from "./sampling.ts";
import type { Scheduler } from "./scheduler.ts";
import type { TextSide } from "./text-side.ts";

/** What sessions need of an engine. */
export interface LoadedEngine {
  readonly location: string;
  readonly model: Model;
  readonly scheduler: Scheduler;
  readonly text: TextSide | undefined;
  /** Output rows of the model that are no token; never sampled. */
  readonly unused: readonly number[];
  /** Sampling the checkpoint recommends. */
  readonly defaults: SamplingOptions;
  readonly context: number;
}
