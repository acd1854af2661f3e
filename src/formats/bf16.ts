import { minifloat } from "./minifloat.ts";

/** bfloat16: 1-8-7, the upper half of an F32. */
export const BF16 = minifloat({ name: "BF16", exponentBits: 8, mantissaBits: 7, specials: "ieee" });
