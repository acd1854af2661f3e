/** The number formats Tandem computes with. On disk there is also `F64`, which is only ever read. */
export type FormatName = "F32" | "F16" | "BF16" | "E4M3" | "E5M2" | "E8M0" | "E2M3" | "E3M2" | "E2M1" | "INT8" | "INT4" | "HIF8";

/**
 * What happens to a value between two representable ones. The three `nearest-*` differ only in exact ties:
 * to the even significand (IEEE, OCP), away from zero (Ascend "round"), or toward zero (DeepGEMM's FP4 test utility).
 */
export type Rounding = "nearest-even" | "nearest-away" | "nearest-toward-zero" | "toward-zero";

/**
 * What happens beyond the largest finite value: clamp to it (also ±Infinity), or do what the format itself offers,
 * which is infinity, else NaN, else clamping. Under `toward-zero` a finite value never leaves the finite range.
 */
export type Overflow = "saturate" | "native";

export interface EncodeOptions {
  readonly rounding?: Rounding | undefined;
  readonly overflow?: Overflow | undefined;
}

/** One number format. Codes are unsigned integers in the low `bits` bits. */
export interface NumberFormat {
  readonly name: FormatName;
  readonly bits: number;
  /** Largest and lowest finite value; `lowest` is positive only in E8M0, which has neither sign nor zero. */
  readonly max: number;
  readonly lowest: number;
  /** Smallest positive value, subnormal where the format has subnormals. */
  readonly smallest: number;
  /** floor(log2(max)): what the OCP scale rule subtracts. */
  readonly emax: number;
  readonly hasInf: boolean;
  readonly hasNaN: boolean;
  readonly hasNegativeZero: boolean;
  /** What `encode` does when not told otherwise: what ml_dtypes / en_dtypes do on `astype`. */
  readonly rounding: Rounding;
  readonly overflow: Overflow;
  /** log2 of the distance between neighbours whose magnitude lies in [2^e, 2^(e+1)). */
  spacing(e: number): number;
  /** Exact value of a code. */
  decode(code: number): number;
  /** Code of the nearest value. The double is rounded once, never by way of float32. NaN gives the format's NaN. */
  encode(value: number, options?: EncodeOptions): number;
}
