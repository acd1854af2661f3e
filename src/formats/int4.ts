import { integer } from "./integer.ts";

/** Signed nibble, -8 … 7: weights of W4A8 and W4A16. */
export const INT4 = integer("INT4", 4);
