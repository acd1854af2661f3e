import { floorLog2, pow2 } from "./float-bits.ts";
import type { EncodeOptions, NumberFormat } from "./number-format.ts";
import { roundSteps } from "./rounding.ts";

const NAN = 0xff;
const MAX_CODE = 0xfe;

/**
 * UE8M0, the scale of OCP MX and of DeepSeek's FP8 and FP4: a bare exponent, value 2^(code - 127), 0xFF is NaN.
 * There is no sign and no zero, so negative values and 0 become NaN (0 clamps to 2^-127 when saturating).
 * The significand is always 1, an odd number of steps: a tie (1.5 * 2^e) rounded to even goes up, for odd and even e alike.
 * Positive values below 2^-127 become 2^-127. ml_dtypes 0.6.0 takes the values between 2^-127 and 1.5 * 2^-127 up, not to the nearer
 * 2^-127 (they are subnormal in float32); we do not follow. A scale *rule* decides before this rounding is ever needed: scale-rules.ts.
 */
export const E8M0: NumberFormat = {
  name: "E8M0",
  bits: 8,
  max: pow2(127),
  lowest: pow2(-127),
  smallest: pow2(-127),
  emax: 127,
  hasInf: false,
  hasNaN: true,
  hasNegativeZero: false,
  rounding: "nearest-even",
  overflow: "native",
  spacing: (e) => Math.max(e, -127),
  decode: (code) => (code === NAN ? Number.NaN : pow2(code - 127)),
  encode(value: number, { rounding = "nearest-even", overflow = "native" }: EncodeOptions = {}): number {
    if (value === 0 && overflow === "saturate") return 0;
    if (!(value > 0)) return NAN;
    const e = floorLog2(value);
    if (e < -127) return 0;
    const code = e + 126 + roundSteps(value / pow2(Math.min(e, 1023)), rounding);
    if (code <= MAX_CODE) return code;
    return overflow === "saturate" || (rounding === "toward-zero" && Number.isFinite(value)) ? MAX_CODE : NAN;
  },
};
