import type { EncodeOptions, FormatName, NumberFormat } from "./number-format.ts";
import { roundSteps } from "./rounding.ts";

/**
 * Two's complement. NaN becomes 0 and overflow always clamps: integers have nothing else to offer.
 * The default rounding is to even, as quantisers do (numpy's `astype` would truncate and wrap, which nobody wants of a weight).
 */
export function integer(name: FormatName, bits: number): NumberFormat {
  const codes = 2 ** bits;
  const max = codes / 2 - 1;
  const lowest = -codes / 2;
  return {
    name,
    bits,
    max,
    lowest,
    smallest: 1,
    emax: bits - 2,
    hasInf: false,
    hasNaN: false,
    hasNegativeZero: false,
    rounding: "nearest-even",
    overflow: "saturate",
    spacing: () => 0,
    decode: (code) => (code > max ? code - codes : code),
    encode(value: number, { rounding = "nearest-even" }: EncodeOptions = {}): number {
      if (Number.isNaN(value)) return 0;
      if (value <= 0) {
        const magnitude = Math.min(roundSteps(-value, rounding), -lowest);
        return magnitude === 0 ? 0 : codes - magnitude;
      }
      return Math.min(roundSteps(value, rounding), max);
    },
  };
}
