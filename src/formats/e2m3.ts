import { minifloat } from "./minifloat.ts";

/** FP6 with precision (OCP E2M3): 1-2-3, largest 7.5, every code finite. */
export const E2M3 = minifloat({ name: "E2M3", exponentBits: 2, mantissaBits: 3, specials: "none" });
