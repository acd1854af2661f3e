/**
 * Arithmetic on paper, column by column from the right, in steps that a very small model can copy: every digit is one token, and no step
 * needs more than two digits and a carry. Operands are padded to the same length, so that equal places stand at equal distances.
 *
 *     417+385              085-417
 *     ones:7+5+0=12 carry  0<4 swap 417-085
 *     tens:1+8+1=10 carry  ones:7-5-0=2 ok
 *     hundreds:4+3+1=8 ok  …
 *     =0802                =-332
 */
import type { Notes } from "./notes.ts";

const PLACES = ["ones", "tens", "hundreds", "thousands"];
const digit = (n: number, place: number): number => Math.floor(n / 10 ** place) % 10;
export const digitsOf = (n: number): number => String(n).length;
export const padded = (n: number, width: number): string => String(n).padStart(width, "0");

/** Makes one wrong digit somewhere in a working: the column, and by how much its last digit is off (1 to 9). */
export interface Slip {
  readonly place: number;
  readonly by: number;
}

/** Writes a sum of two numbers of up to four digits; returns what comes out, which a slip makes wrong. */
export function addOnPaper(notes: Notes, a: number, b: number, slip?: Slip): number {
  const width = Math.max(digitsOf(a), digitsOf(b));
  notes.line(padded(a, width), "+", padded(b, width));
  let [carry, result] = [0, 0];
  for (let place = 0; place < width; place++) {
    const [x, y] = [digit(a, place), digit(b, place)];
    const sum = x + y + carry;
    const tens = sum > 9 ? 1 : 0;
    const off = slip?.place === place;
    const last = off ? ((sum % 10) + slip.by) % 10 : sum % 10;
    notes.line(PLACES[place]!, `:${x}+${y}+${carry}=${tens || ""}`, off ? [last] : last, tens ? " carry" : " ok");
    result += last * 10 ** place;
    carry = tens;
  }
  result += carry * 10 ** width;
  notes.line("=", padded(result, width + 1));
  return result;
}

/** Writes a difference, first finding out which number is larger; returns what comes out, which a slip makes wrong. */
export function subtractOnPaper(notes: Notes, a: number, b: number, slip?: Slip): number {
  const width = Math.max(digitsOf(a), digitsOf(b));
  notes.line(padded(a, width), "-", padded(b, width));
  const order = compareDigits(a, b, width);
  const [large, small] = a < b ? [b, a] : [a, b];
  notes.line(order, a < b ? ` swap ${padded(large, width)}-${padded(small, width)}` : " keep");
  let [borrow, result] = [0, 0];
  for (let place = 0; place < width; place++) {
    const [x, y] = [digit(large, place), digit(small, place)];
    const value = x - y - borrow;
    const off = slip?.place === place;
    const last = (((value % 10) + 10) % 10) + (off ? slip.by : 0);
    notes.line(PLACES[place]!, `:${x}-${y}-${borrow}=`, off ? [last % 10] : last, value < 0 ? " borrow" : " ok");
    result += (last % 10) * 10 ** place;
    borrow = value < 0 ? 1 : 0;
  }
  notes.line("=", a < b ? "-" : "", padded(result, width));
  return a < b ? -result : result;
}

/** Digits of two numbers from the left until they differ: `4=4 1<7`. */
export function compareDigits(a: number, b: number, width: number): string {
  const [x, y] = [padded(a, width), padded(b, width)];
  const steps: string[] = [];
  for (let i = 0; i < width; i++) {
    steps.push(`${x[i]}${x[i]! < y[i]! ? "<" : x[i]! > y[i]! ? ">" : "="}${y[i]}`);
    if (x[i] !== y[i]) break;
  }
  return steps.join(" ");
}

/** Writes the product of two numbers of up to two digits; returns what comes out, which a slip in its first column makes wrong. */
export function multiplyOnPaper(notes: Notes, a: number, b: number, slip?: Slip): number {
  if (a < 10 && b < 10) {
    const [tens, last] = [Math.floor((a * b) / 10), (a * b) % 10];
    const wrong = slip ? (last + slip.by) % 10 : last;
    notes.line(`${a}*${b}=${tens || ""}`, slip ? [wrong] : wrong);
    return 10 * tens + wrong;
  }
  notes.line(`${a}*${b}`);
  const low = timesDigit(notes, a, b % 10, slip);
  if (b < 10) return low;
  const high = timesDigit(notes, a, Math.floor(b / 10));
  return addOnPaper(notes, low, 10 * high);
}

function timesDigit(notes: Notes, a: number, factor: number, slip?: Slip): number {
  notes.line(`${a}*${factor}`);
  let [carry, result] = [0, 0];
  for (let place = 0; place < digitsOf(a); place++) {
    const x = digit(a, place);
    const sum = x * factor + carry;
    const off = place === 0 && slip !== undefined;
    const last = off ? ((sum % 10) + slip.by) % 10 : sum % 10;
    carry = Math.floor(sum / 10);
    notes.line(
      PLACES[place]!,
      `:${x}*${factor}=${x * factor}+${sum - x * factor}=${carry || ""}`,
      off ? [last] : last,
      carry ? ` carry ${carry}` : " ok",
    );
    result += last * 10 ** place;
  }
  result += carry * 10 ** digitsOf(a);
  notes.line("=", result);
  return result;
}
