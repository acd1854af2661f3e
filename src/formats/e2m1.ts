import { minifloat } from "./minifloat.ts";

/** FP4 (OCP E2M1): 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives. Element of MXFP4, NVFP4 and DeepSeek's FP4 experts. */
export const E2M1 = minifloat({ name: "E2M1", exponentBits: 2, mantissaBits: 1, specials: "none" });
