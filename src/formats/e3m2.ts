import { minifloat } from "./minifloat.ts";

/** FP6 with range (OCP E3M2): 1-3-2, largest 28, every code finite. */
export const E3M2 = minifloat({ name: "E3M2", exponentBits: 3, mantissaBits: 2, specials: "none" });
