import { floorLog2, pow2 } from "./float-bits.ts";
import type { NumberFormat } from "./number-format.ts";

/**
 * How a block's scale follows from its largest magnitude: the point where vendors differ most, and the reason why the same
 * weights quantised "to MXFP4" by two tools are not the same bytes. All rules but the last two give a power of two.
 *
 * With amax = m * 2^e (1 <= m < 2) and an element format whose largest value is M * 2^emax, dividing by 2^(e - emax) puts the
 * maximum at m * 2^emax. The OCP rule accepts that it may exceed M * 2^emax and clips; the others take the next power of two
 * when m is past a threshold: M (nothing clips), or 1.75 for E2M1 (7 rounds down to 6, a smaller loss than halving the others).
 *
 * | rule            | exponent                              | next power when  | who |
 * |-----------------|---------------------------------------|------------------|-----|
 * | `ocp-floor`     | floor(log2 amax) - emax               | never            | OCP MX 1.0; CANN scaleAlg 0; vllm-ascend's default |
 * | `ceil`          | ceil(log2(fl32(amax * fl32(1/max))))  | m > M            | DeepSeek, official kernels; DeepGEMM |
 * | `ceil-quotient` | ceil(log2(fl32(amax / max)))          | m > M            | CANN scaleAlg 1 (FP8), cuBLAS |
 * | `ceil-above-1.5`| floor(log2 amax) - emax, or + 1       | m > 1.5          | CANN scaleAlg 2, dst_type_max 0 or 6 (E2M1: 6 = 1.5 * 4) |
 * | `ceil-above-1.75`| floor(log2 amax) - emax, or + 1      | m > 1.75         | CANN scaleAlg 2, dst_type_max 7; CANN recipes' weight converter ("round2decimal") |
 * | `max`           | amax / max, any float32               | -                | INT8; DeepSeek-V3 FP8 |
 * | `nvfp4`         | amax / max / tensor scale, in E4M3    | -                | NVFP4 |
 *
 * scaleAlg 2 also takes any dst_type_max in (6, 12]: that is `ceil-quotient` with another divisor and has no published user here.
 * Sources: OCP MX 1.0 section 6.3, `aclnnDynamicMxQuantV2` (CANN), DeepGEMM `utils/math.py`, DeepSeek-V4 `inference/kernel.py`.
 */
export type ScaleRuleName = "ocp-floor" | "ceil" | "ceil-quotient" | "ceil-above-1.5" | "ceil-above-1.75" | "max" | "nvfp4";

/**
 * Scale for a block, before it is stored in its scale format.
 * @param amax largest magnitude of the block, a finite float32 >= 0, floor already applied
 * @param tensorScale second-level scale; 1 where there is none
 */
export type ScaleRule = (amax: number, element: NumberFormat, tensorScale: number) => number;

/** 2^n kept inside E8M0's range, 2^-127 … 2^127; amax 0 thus gets the smallest scale. */
const e8m0 = (n: number): number => pow2(Math.min(Math.max(n, -127), 127));

/** 2^ceil(log2 x), by the bits: one more than the exponent unless x is itself a power of two. */
function ceilPow2(x: number): number {
  const e = floorLog2(x);
  return e8m0(e >= -127 && x > pow2(e) ? e + 1 : e);
}

/** 2^(floor(log2 amax) - emax), doubled if amax's significand is above `threshold`. */
function floorPow2(amax: number, element: NumberFormat, threshold: number): number {
  const e = floorLog2(amax);
  const next = e > -1023 && amax > threshold * pow2(e) ? 1 : 0;
  return e8m0(e - element.emax + next);
}

export const SCALE_RULES: Readonly<Record<ScaleRuleName, ScaleRule>> = {
  "ocp-floor": (amax, element) => floorPow2(amax, element, 2),
  // The kernels multiply by a float32 reciprocal, DeepGEMM and CANN divide. For E4M3 and E2M1 no float32 amax tells the two apart
  // (all 2^23 significands tried); both are kept because another `max` might.
  ceil: (amax, element) => ceilPow2(Math.fround(amax * Math.fround(1 / element.max))),
  "ceil-quotient": (amax, element) => ceilPow2(Math.fround(amax / element.max)),
  "ceil-above-1.5": (amax, element) => floorPow2(amax, element, 1.5),
  "ceil-above-1.75": (amax, element) => floorPow2(amax, element, 1.75),
  max: (amax, element) => Math.fround(amax / element.max),
  nvfp4: (amax, element, tensorScale) => Math.fround(Math.fround(amax / element.max) / tensorScale),
};
