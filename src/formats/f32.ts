import { minifloat } from "./minifloat.ts";

/** IEEE binary32, "single": 1-8-23. */
export const F32 = minifloat({ name: "F32", exponentBits: 8, mantissaBits: 23, specials: "ieee" });
