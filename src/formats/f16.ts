import { minifloat } from "./minifloat.ts";

/** IEEE binary16, "half": 1-5-10, largest 65504. */
export const F16 = minifloat({ name: "F16", exponentBits: 5, mantissaBits: 10, specials: "ieee" });
