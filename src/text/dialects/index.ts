import { TandemError } from "../../errors.ts";
import type { Dialect, DialectName } from "../types.ts";
import { v4 } from "./v4.ts";
import { v4_0731 } from "./v4-0731.ts";
import { v31 } from "./v31.ts";
import { v32 } from "./v32.ts";
import { v41 } from "./v41.ts";

/** All dialects, oldest first. */
export const DIALECTS: readonly Dialect[] = [v31, v32, v4, v4_0731, v41];

/** A dialect by name. Error `text/unknown-dialect`. */
export function dialect(name: DialectName): Dialect {
  const found = DIALECTS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new TandemError("text/unknown-dialect", { name });
  return found;
}
