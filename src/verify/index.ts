/** How far one numerics lies from another on the same model: compared position by position, summarised, and as measured. */
export { type CompareNumericsOptions, type CompareOptions, compareModels, compareNumerics, comparePositions } from "./compare-numerics.ts";
export { type Distance, quantile, summarise } from "./distance.ts";
export type { MeasuredDistances, MeasuredOn } from "./measured.ts";
export { MEASURED } from "./measured-distances.ts";
export { comparePosition, type PositionDistance } from "./position.ts";
