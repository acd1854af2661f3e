import { minifloat } from "./minifloat.ts";

/** FP8 with range (OCP E5M2): 1-5-2, the upper half of an F16, largest 57344. */
export const E5M2 = minifloat({ name: "E5M2", exponentBits: 5, mantissaBits: 2, specials: "ieee" });
