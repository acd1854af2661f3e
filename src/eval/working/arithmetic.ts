import { between, chance, type Random } from "../draw.ts";
import type { Level } from "../skill.ts";
import { addOnPaper, digitsOf, multiplyOnPaper, type Slip, subtractOnPaper } from "./columns.ts";
import { castOutNines } from "./nines.ts";
import type { Notes } from "./notes.ts";

export type Operation = "+" | "-" | "*";

/** How often a working that will be checked contains a mistake, so that checks are worth their tokens. */
const SLIP_RATE: Readonly<Record<Level, number>> = { low: 0, high: 0.1, max: 0.15 };

export const apply = (op: Operation, a: number, b: number): number => (op === "+" ? a + b : op === "-" ? a - b : a * b);

/**
 * Thinks about `a op b` (to 999; products to 99): worked on paper; from `high` on checked, a sum or difference by the opposite operation,
 * a product by casting out nines, and worked again if the check finds a mistake; at `max` checked in the other way as well: by the nines,
 * or with the factors exchanged. What has been checked ends with the result, so that the answer stands close to what it is copied from.
 */
export function workOut(notes: Notes, level: Level, random: Random, op: Operation, a: number, b: number): void {
  const slip = drawSlip(random, level, op === "*" ? 1 : Math.max(digitsOf(a), digitsOf(b)));
  const result = onPaper(notes, op, a, b, slip);
  if (level === "low") return;
  const value = apply(op, a, b);
  notes.line("check");
  if (op === "*") notes.lines(castOutNines(a, op, b, result));
  else checkOnPaper(notes, op, a, b, result);
  if (result !== value) {
    notes.line("again");
    onPaper(notes, op, a, b);
  }
  if (level === "max") {
    notes.line("check more");
    if (op === "*") notes.line(`${multiplyOnPaper(notes, b, a)}=${value} right`);
    else if (op === "+") notes.lines(castOutNines(a, op, b, value));
    else notes.lines(castOutNines(Math.min(a, b), "+", Math.abs(value), Math.max(a, b)));
  }
  notes.line("so ", value);
}

function onPaper(notes: Notes, op: Operation, a: number, b: number, slip?: Slip): number {
  return op === "+" ? addOnPaper(notes, a, b, slip) : op === "-" ? subtractOnPaper(notes, a, b, slip) : multiplyOnPaper(notes, a, b, slip);
}

function checkOnPaper(notes: Notes, op: "+" | "-", a: number, b: number, result: number): void {
  const [large, small] = [Math.max(a, b), Math.min(a, b)];
  const saw = op === "+" ? subtractOnPaper(notes, result, b) : addOnPaper(notes, Math.abs(result), small);
  const expected = op === "+" ? a : large;
  notes.line(saw === expected ? `${saw}=${expected} right` : `${saw}!=${expected} wrong`);
}

/** Never off by nine, which casting out nines would not see. */
function drawSlip(random: Random, level: Level, places: number): Slip | undefined {
  return chance(random, SLIP_RATE[level]) ? { place: between(random, 0, places - 1), by: between(random, 2, 8) } : undefined;
}
