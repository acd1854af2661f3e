/**
 * Casting out nines, the clerk's check: a number and the sum of its digits leave the same remainder by nine, so a sum, difference or
 * product can be checked on single digits. It finds every single wrong digit but a 0 taken for a 9.
 */

/** The digits of a number added up from the left, nines cast out as soon as they are full, each step beside its digit: `417: 4 1>5 7>3`. */
export function digitRoot(n: number): { readonly root: number; readonly steps: string } {
  const [first, ...rest] = [...String(n)].map(Number) as [number, ...number[]];
  let root = first;
  let steps = `${n}: ${first}`;
  for (const digit of rest) {
    root += digit;
    if (root > 9) root -= 9;
    steps += ` ${digit}>${root}`;
  }
  return { root, steps };
}

/** Lines that check `a op b = result` for numbers from 0 on. */
export function castOutNines(a: number, op: "+" | "*", b: number, result: number): string[] {
  const [x, y, z] = [digitRoot(a), digitRoot(b), digitRoot(result)];
  const joined = op === "+" ? x.root + y.root : x.root * y.root;
  const root = joined % 9 || (joined > 0 ? 9 : 0);
  // 9 and 0 are the same remainder.
  const right = root % 9 === z.root % 9;
  return [x.steps, y.steps, z.steps, `${x.root}${op}${y.root}=${joined}>${root} ${z.root} ${right ? "right" : "wrong"}`];
}
