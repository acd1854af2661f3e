import { minifloat } from "./minifloat.ts";

/** FP8 for weights and activations (OCP E4M3, "fn"): 1-4-3, largest 448, smallest 2^-9, no infinity, NaN only at 0x7F and 0xFF. Not AMD's FNUZ variant, where 0x80 is NaN and the bias is 8. */
export const E4M3 = minifloat({ name: "E4M3", exponentBits: 4, mantissaBits: 3, specials: "nan" });
