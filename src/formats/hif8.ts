import { floorLog2, pow2 } from "./float-bits.ts";
import type { EncodeOptions, NumberFormat } from "./number-format.ts";
import { roundSteps } from "./rounding.ts";

/**
 * HiFloat8, Ascend 950's own 8-bit float: precision tapers with magnitude. After the sign comes a prefix code, the "dot",
 * that says how many of the remaining bits are exponent; the rest is mantissa.
 *
 *     dot   exponent bits  mantissa bits  |E|      value
 *     11    4              1              8 … 15   ±2^E (1 + m/2)
 *     10    3              2              4 … 7    ±2^E (1 + m/4)
 *     01    2              3              2 … 3    ±2^E (1 + m/8)
 *     001   1              3              1        ±2^E (1 + m/8)
 *     0001  0              3              0        ±(1 + m/8)
 *     0000  -              3              -        ±2^(m - 23), m = 1 … 7
 *
 * The exponent field is the sign of E followed by |E| without its leading one. 0x00 is zero and 0x80, which would be -0, is NaN.
 * The place of 1.5 * 2^15 is taken by infinity (0x6F, 0xEF), so the largest finite value is 2^15.
 *
 * Rounding is half away from zero. Natively everything from 1.25 * 2^15 = 40960 on rounds to infinity. Saturating, here, clamps
 * from that same point on; the saturating cast inside en_dtypes (not reachable from Python) is reported to start only at
 * 1.5 * 2^15 = 49152 and to leave infinity to what lies between, which no use of saturation can want.
 *
 * Sources: en_dtypes 0.0.4, CANN `kernel_hif8.h`, arXiv 2409.16626.
 */
const NAN = 0x80;
const INFINITY = 0x6f;
const MAX_CODE = 0x6e;
const LOWEST_EXPONENT = -22;

/** Width of the mantissa at exponent `e`; below 2^-15 the denormals are bare powers of two. */
const mantissaBits = (e: number): number => {
  if (e < -15) return 0;
  const size = Math.abs(e);
  return size > 7 ? 1 : size > 3 ? 2 : 3;
};

const spacing = (e: number): number => Math.max(e, LOWEST_EXPONENT) - mantissaBits(e);

function decodeMagnitude(code: number): number {
  if (code >= 0x20) {
    // dots 11, 10 and 01 with 4, 3 and 2 exponent bits
    const exponentBits = (code >> 5) + 1;
    const width = 5 - exponentBits;
    const field = (code >> width) & ((1 << exponentBits) - 1);
    const half = 1 << (exponentBits - 1);
    const size = half | (field & (half - 1));
    const e = field & half ? -size : size;
    return ((1 << width) + (code & ((1 << width) - 1))) * pow2(e - width);
  }
  if (code >= 0x08) {
    const e = code < 0x10 ? 0 : code < 0x18 ? 1 : -1;
    return (8 + (code & 7)) * pow2(e - 3);
  }
  return code === 0 ? 0 : pow2(code - 23);
}

/** Code of a magnitude that lies on the grid. */
function codeOf(magnitude: number): number {
  const e = floorLog2(magnitude);
  if (e < LOWEST_EXPONENT) return 0;
  if (e < -15) return e + 23;
  const mantissa = magnitude * pow2(-spacing(e)) - (1 << mantissaBits(e));
  const size = Math.abs(e);
  if (size < 2) return (e === 0 ? 0x08 : e === 1 ? 0x10 : 0x18) + mantissa;
  const width = mantissaBits(e);
  const half = 1 << (4 - width);
  return ((4 - width) << 5) + (((e < 0 ? half : 0) + (size - half)) << width) + mantissa;
}

function encode(value: number, { rounding = "nearest-away", overflow = "native" }: EncodeOptions = {}): number {
  if (Number.isNaN(value)) return NAN;
  const sign = value < 0 ? 0x80 : 0;
  const magnitude = Math.abs(value);
  const step = pow2(spacing(floorLog2(magnitude)));
  const rounded = roundSteps(magnitude / step, rounding) * step;
  if (rounded === 0) return 0;
  if (rounded <= HIF8.max) return sign + codeOf(rounded);
  return sign + (overflow === "saturate" || (rounding === "toward-zero" && Number.isFinite(value)) ? MAX_CODE : INFINITY);
}

export const HIF8: NumberFormat = {
  name: "HIF8",
  bits: 8,
  max: 32768,
  lowest: -32768,
  smallest: pow2(-22),
  emax: 15,
  hasInf: true,
  hasNaN: true,
  hasNegativeZero: false,
  rounding: "nearest-away",
  overflow: "native",
  spacing,
  decode(code) {
    if (code === NAN) return Number.NaN;
    const magnitude = code & 0x7f;
    const value = magnitude === INFINITY ? Number.POSITIVE_INFINITY : decodeMagnitude(magnitude);
    return code & 0x80 ? -value : value;
  },
  encode,
};
