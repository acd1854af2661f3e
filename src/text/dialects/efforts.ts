import { TandemError } from "../../errors.ts";
import type { Dialect, DialectName, RenderOptions } from "../types.ts";

/** V4 preview's `max`, which V4-0731 calls `high`. */
const ABSOLUTE_MAXIMUM =
  "Reasoning Effort: Absolute maximum with no shortcuts permitted.\n" +
  "You MUST be very thorough in your thinking and comprehensively decompose the problem to resolve the root cause, rigorously stress-testing your logic against all potential paths, edge cases, and adversarial scenarios.\n" +
  "Explicitly write out your entire deliberation process, documenting every intermediate step, considered alternative, and rejected hypothesis to ensure absolutely no assumption is left unchecked.\n\n";

/** V4-0731's `max`. */
const BEYOND_MAXIMUM =
  "Reasoning Effort: Beyond maximum — exhaustive, relentless, and uncompromising.\n" +
  "You MUST reason with the utmost depth and rigor, leaving absolutely nothing to chance: exhaustively decompose the problem into its most fundamental components, trace every causal chain to its root, and resolve the underlying cause rather than any surface symptom.\n" +
  "Do not stop reasoning until you have independently verified the solution from multiple angles and are certain that no assumption remains unchecked and no error remains undiscovered.\n\n";

/** How a dialect conditions the model on an effort: what stands at the very start of a thinking prompt, by effort name. */
export interface Efforts {
  readonly texts: Readonly<Record<string, string>>;
  readonly default: string;
  /** Text for a number 1–100, where the dialect takes numbers. */
  readonly numeric?: (n: number) => string;
}

const line = (n: number): string => `Reasoning Effort: ${n} (range 1-100, the higher the value, the more thorough the reasoning)\n\n`;

export const V4_PREVIEW_EFFORTS: Efforts = { texts: { high: "", max: ABSOLUTE_MAXIMUM }, default: "high" };
/** The encoder's own default is `low`; DeepSeek's servers use `high`, and so do we. */
export const V4_0731_EFFORTS: Efforts = { texts: { low: "", high: ABSOLUTE_MAXIMUM, max: BEYOND_MAXIMUM }, default: "high" };
export const V41_EFFORTS: Efforts = {
  texts: { low: line(50), high: line(75), xhigh: line(75), max: line(100) },
  default: "high",
  numeric: line,
};

export const effortSummary = (efforts: Efforts): Dialect["efforts"] => ({
  names: Object.keys(efforts.texts),
  default: efforts.default,
  numeric: efforts.numeric !== undefined,
});

/** Effort text of a request. Checked even when not thinking, where it has no effect. Error `text/unknown-effort`. */
export function effortText(efforts: Efforts, effort: RenderOptions["effort"], dialect: DialectName): string {
  const value = effort ?? efforts.default;
  if (typeof value === "string" && Object.hasOwn(efforts.texts, value)) return efforts.texts[value]!;
  if (efforts.numeric && Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 100)
    return efforts.numeric(value as number);
  throw new TandemError("text/unknown-effort", { dialect, value });
}
