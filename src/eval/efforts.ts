import type { Dialect } from "../text/index.ts";
import { LEVELS, type Level } from "./skill.ts";

/**
 * The efforts of a dialect by how thoroughly they mean to think, lowest first. The V4 preview has two (`high` writes nothing, `max` what
 * 0731 calls `high`), 0731 and V4.1 three; V4.1's `xhigh` is another name of `high`. A dialect without efforts thinks in one way only.
 */
export function effortsOf({ efforts }: Dialect): readonly { readonly level: Level; readonly effort?: string }[] {
  const names = efforts.names.filter((name) => name !== "xhigh");
  return names.length === 0 ? [{ level: "low" }] : LEVELS.slice(0, names.length).map((level, i) => ({ level, effort: names[i]! }));
}
