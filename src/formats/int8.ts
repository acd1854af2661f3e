import { integer } from "./integer.ts";

/** Signed byte, -128 … 127. Symmetric quantisers reach only ±127. */
export const INT8 = integer("INT8", 8);
