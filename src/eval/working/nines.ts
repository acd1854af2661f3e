/**
 * Casting out nines, the clerk's check: a number and the sum of its digits leave the same remainder by nine, so a sum, difference or
 * product can be checked on single digits. It finds every single wrong digit but a 0 taken for a 9.
 */

/** The digits of a number added up until one is left, with the way there: `417→12→3`. */
export function digitRoot(n: number): { readonly root: number; readonly steps: string } {
  let steps = String(n);
  while (n > 9) {
    n = [...String(n)].reduce((sum, d) => sum + Number(d), 0);
    steps += `>${n}`;
  }
  return { root: n, steps };
}

/** Lines that check `a op b = result` for numbers from 0 on. */
export function castOutNines(a: number, op: "+" | "*", b: number, result: number): string[] {
  const [x, y, z] = [digitRoot(a), digitRoot(b), digitRoot(result)];
  const joined = digitRoot(op === "+" ? x.root + y.root : x.root * y.root);
  // 9 and 0 are the same remainder.
  const right = joined.root % 9 === z.root % 9;
  return [x.steps, y.steps, `${x.root}${op}${y.root}=${joined.steps}`, z.steps, right ? "right" : "wrong"];
}
