import type { Level } from "../skill.ts";
import type { Notes } from "./notes.ts";

/** Thinking at three lengths: `low` the steps alone, `high` one check after them, `max` every check there is. */
export function think(notes: Notes, level: Level, steps: readonly string[], ...checks: readonly (readonly string[])[]): void {
  notes.lines(steps);
  const wanted = level === "low" ? 0 : level === "high" ? 1 : checks.length;
  for (const check of checks.slice(0, wanted)) notes.line("check").lines(check);
}
