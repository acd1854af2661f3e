import { NUMERICS } from "../ops/index.ts";
import { MEASURED, type MeasuredDistances } from "../verify/index.ts";

/** The numerics a model can be run under, and how far apart they were found to be: on models of ours, not on the one inspected. */
export interface NumericsFacts {
  readonly profiles: readonly { readonly name: string; readonly title: string }[];
  readonly measured: MeasuredDistances;
}

export const numericsFacts = (): NumericsFacts => ({
  profiles: [...NUMERICS.values()].map(({ name, title }) => ({ name, title })),
  measured: MEASURED,
});
