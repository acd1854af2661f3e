import type { Rounding } from "./number-format.ts";

/** Rounds a magnitude, counted in grid steps (`steps` >= 0), to a whole number of steps. Exact: `steps` below 2^53 carries its whole fraction. */
export function roundSteps(steps: number, rounding: Rounding): number {
  const whole = Math.floor(steps);
  const rest = steps - whole;
  switch (rounding) {
    case "nearest-even":
      return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
    case "nearest-away":
      return rest >= 0.5 ? whole + 1 : whole;
    case "nearest-toward-zero":
      return rest > 0.5 ? whole + 1 : whole;
    case "toward-zero":
      return whole;
  }
}
