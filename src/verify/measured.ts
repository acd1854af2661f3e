import type { Distance } from "./distance.ts";

/** Distances on one kind of tokens of one model. */
export interface MeasuredOn {
  readonly model: string;
  readonly tokens: string;
  /** Untrained weights: nothing is much likelier than the rest, so that the smallest difference changes which token is the likeliest. */
  readonly randomWeights: boolean;
  readonly vocabulary: number;
  /** From another correct float32 implementation of the same numerics: less than this no numerics can be told apart. */
  readonly floor: Distance;
  /** By the name of the numerics. */
  readonly distances: Readonly<Record<string, Distance>>;
}

/** What `bench/numerics-distance.ts` last measured. */
export interface MeasuredDistances {
  /** The numerics all others were compared with. */
  readonly from: string;
  readonly interpreter: string;
  /** Year-month-day. */
  readonly date: string;
  readonly command: string;
  readonly on: readonly MeasuredOn[];
}
