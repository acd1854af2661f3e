import { floorLog2, pow2 } from "./float-bits.ts";
import type { EncodeOptions, FormatName, NumberFormat } from "./number-format.ts";
import { roundSteps } from "./rounding.ts";

interface MinifloatParameters {
  readonly name: FormatName;
  readonly exponentBits: number;
  readonly mantissaBits: number;
  /**
   * What the largest codes mean. `ieee`: the top exponent holds infinity and NaN. `nan`: only the very last code is NaN
   * and there is no infinity (the "fn" formats). `none`: every code is a finite number.
   */
  readonly specials: "ieee" | "nan" | "none";
}

/**
 * A sign, an exponent with bias 2^(exponentBits-1) - 1, a mantissa with a hidden bit, and subnormals: every IEEE-like format.
 *
 * Both directions rest on one fact: within a sign, codes count upwards through the values, so the code of a value is
 * (its binade, counted from the smallest) * 2^mantissaBits + (its significand in grid steps), subnormals and carries included.
 * The arithmetic is on doubles, so the same lines serve 4 and 32 bits; every scaling is by a power of two and exact.
 */
export function minifloat({ name, exponentBits, mantissaBits, specials }: MinifloatParameters): NumberFormat {
  const emin = 2 - pow2(exponentBits - 1);
  const binade = pow2(mantissaBits);
  const signBit = pow2(exponentBits + mantissaBits);
  const infinity = signBit - binade;
  const maxCode = specials === "ieee" ? infinity - 1 : specials === "nan" ? signBit - 2 : signBit - 1;
  // Formats without NaN turn +NaN into -0: OCP leaves it open, this is what ml_dtypes does.
  const nan = specials === "ieee" ? infinity + binade / 2 : specials === "nan" ? signBit - 1 : signBit;
  const beyond = specials === "ieee" ? infinity : specials === "nan" ? nan : maxCode;
  const spacing = (e: number): number => Math.max(e, emin) - mantissaBits;

  function decode(code: number): number {
    const negative = code >= signBit;
    const magnitude = negative ? code - signBit : code;
    let value: number;
    if (magnitude > maxCode) value = specials === "ieee" && magnitude === infinity ? Number.POSITIVE_INFINITY : Number.NaN;
    else {
      const field = Math.floor(magnitude / binade);
      const mantissa = magnitude - field * binade;
      const e = emin + Math.max(field - 1, 0);
      value = (field === 0 ? mantissa : binade + mantissa) * pow2(spacing(e));
    }
    return negative ? -value : value;
  }

  function encode(value: number, { rounding = "nearest-even", overflow = "native" }: EncodeOptions = {}): number {
    if (Number.isNaN(value)) return nan;
    const sign = value < 0 || Object.is(value, -0) ? signBit : 0;
    const magnitude = Math.abs(value);
    const e = Math.max(floorLog2(magnitude), emin);
    const code = (e - emin) * binade + roundSteps(magnitude / pow2(spacing(e)), rounding);
    if (code <= maxCode) return sign + code;
    const clamp = overflow === "saturate" || (rounding === "toward-zero" && Number.isFinite(value));
    return sign + (clamp ? maxCode : beyond);
  }

  const max = decode(maxCode);
  return {
    name,
    bits: 1 + exponentBits + mantissaBits,
    max,
    lowest: -max,
    smallest: decode(1),
    emax: floorLog2(max),
    hasInf: specials === "ieee",
    hasNaN: specials !== "none",
    hasNegativeZero: true,
    rounding: "nearest-even",
    overflow: "native",
    spacing,
    decode,
    encode,
  };
}
