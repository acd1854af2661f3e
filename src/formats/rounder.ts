import { pow2 } from "./float-bits.ts";
import type { EncodeOptions, FormatName, NumberFormat, Rounding } from "./number-format.ts";
import { FORMATS } from "./registry.ts";

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** Constants of a format's grid, one per binade of a double (indexed by its 11 exponent bits), so that rounding needs no branch on range. */
export interface Grid {
  /**
   * 1.5 * 2^52 steps. Adding it to a value of that binade leaves a sum whose last bit is worth one step, so the FPU itself rounds,
   * to nearest even and once; subtracting it again is exact. (1.5 rather than 1 keeps the sum of a negative value in the same binade.)
   */
  readonly magic: Float64Array;
  /** One step. */
  readonly step: Float64Array;
}

const grids = new Map<FormatName, Grid>();

export function gridOf(format: NumberFormat): Grid {
  let grid = grids.get(format.name);
  if (grid === undefined) {
    grid = { magic: new Float64Array(2048), step: new Float64Array(2048) };
    for (let field = 0; field < 2048; field++) {
      const spacing = format.spacing(field - 1023);
      grid.step[field] = pow2(spacing);
      // From 2^971 steps on the sum would overflow; no format reaches there, and Infinity - Infinity must not become NaN.
      grid.magic[field] = spacing + 52 > 1022 ? 0 : 1.5 * pow2(spacing + 52);
    }
    grids.set(format.name, grid);
  }
  return grid;
}

/** Nearest grid point of `x`, magnitude unbounded; the sign of a zero result is not kept. Infinity and NaN pass through. */
export function snap(grid: Grid, x: number, rounding: Rounding): number {
  double[0] = x;
  const field = (words[1] >>> 20) & 0x7ff;
  const magic = grid.magic[field];
  const even = x + magic - magic;
  if (rounding === "nearest-even" || even === x) return even;
  const rest = x - even; // exact: |rest| is at most half a step
  const inward = Math.abs(even) < Math.abs(x);
  if (rounding === "toward-zero") return inward ? even : even - Math.sign(x) * grid.step[field];
  if (Math.abs(rest) !== grid.step[field] / 2) return even;
  return inward === (rounding === "nearest-away") ? x + rest : even;
}

/**
 * A fast number → number function: the value `encode` then `decode` would give, without the code in between.
 * Options default to the format's own (`FORMATS[name].rounding` and `.overflow`).
 */
export function rounder(name: FormatName, options: EncodeOptions = {}): (x: number) => number {
  const format = FORMATS[name];
  // Neither sign nor zero: no grid to snap to, and nobody rounds activations to bare exponents.
  if (format.lowest > 0) return (x) => format.decode(format.encode(x, options));
  const { rounding = format.rounding, overflow = format.overflow } = options;
  const grid = gridOf(format);
  const { max, lowest, hasNaN, hasNegativeZero } = format;
  const beyond = overflow === "saturate" ? max : format.hasInf ? Number.POSITIVE_INFINITY : hasNaN ? Number.NaN : max;
  const nan = format.decode(format.encode(Number.NaN));
  return (x) => {
    const y = snap(grid, x, rounding);
    if (y === 0) return hasNegativeZero ? x * 0 : 0;
    if (y >= lowest && y <= max) return y;
    if (Number.isNaN(y)) return nan;
    if (rounding === "toward-zero" && Number.isFinite(x)) return x > 0 ? max : lowest;
    return x > 0 ? beyond : beyond === max ? lowest : -beyond;
  };
}

const rounders = new Map<FormatName, (x: number) => number>();

/** Rounds to a format as it rounds by default: `round("E4M3")(x)`. One shared function per format. */
export function round(name: FormatName): (x: number) => number {
  let f = rounders.get(name);
  if (f === undefined) rounders.set(name, (f = rounder(name)));
  return f;
}
