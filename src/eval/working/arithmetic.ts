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
 * Thinks about `a op b` (to 999; products to 99): worked on paper; from `high` on checked by the opposite operation, or with the factors
 * exchanged, and worked again if the check finds a mistake; at `max` the nines are cast out as well.
 */
export function workOut(notes: Notes, level: Level, random: Random, op: Operation, a: number, b: number): void {
  const slip = drawSlip(random, level, op === "*" ? 1 : Math.max(digitsOf(a), digitsOf(b)));
  const result = onPaper(notes, op, a, b, slip);
  if (level === "low") return;
  notes.line("check");
  const [right, saw, expected] = checkOnPaper(notes, op, a, b, result);
  notes.line(`${saw}${right ? "=" : "!="}${expected} `, right ? "right" : "wrong");
  if (!right) {
    notes.line("again");
    onPaper(notes, op, a, b);
  }
  if (level !== "max") return;
  notes.line("check nines");
  const [large, small, value] = [Math.max(a, b), Math.min(a, b), Math.abs(apply(op, a, b))];
  notes.lines(op === "-" ? castOutNines(small, "+", value, large) : castOutNines(a, op, b, value));
}

function onPaper(notes: Notes, op: Operation, a: number, b: number, slip?: Slip): number {
  return op === "+" ? addOnPaper(notes, a, b, slip) : op === "-" ? subtractOnPaper(notes, a, b, slip) : multiplyOnPaper(notes, a, b, slip);
}

/** Whether the check comes out right, what it gives, and what it should give. */
function checkOnPaper(notes: Notes, op: Operation, a: number, b: number, result: number): [boolean, number, number] {
  const [large, small] = [Math.max(a, b), Math.min(a, b)];
  const [saw, expected] =
    op === "+"
      ? [subtractOnPaper(notes, result, b), a]
      : op === "-"
        ? [addOnPaper(notes, Math.abs(result), small), large]
        : [multiplyOnPaper(notes, b, a), result];
  return [saw === expected, saw, expected];
}

function drawSlip(random: Random, level: Level, places: number): Slip | undefined {
  return chance(random, SLIP_RATE[level]) ? { place: between(random, 0, places - 1), by: between(random, 1, 9) } : undefined;
}
