import { ask } from "../asking.ts";
import { lastNumberIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, chance, pick, type Random, until } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Language, Skill, Split } from "../skill.ts";
import { type Lists, pairBelongs } from "../split.ts";
import { apply, type Operation, workOut } from "../working/arithmetic.ts";
import { digitsOf } from "../working/columns.ts";

/** A number of one to three digits, more often with three; sometimes a round one. */
export function operand(random: Random, digits = pick(random, [1, 2, 2, 3, 3, 3])): number {
  const n = between(random, digits === 1 ? 0 : 10 ** (digits - 1), 10 ** digits - 1);
  return digits > 1 && chance(random, 0.06) ? n - (n % 10) : n;
}

/** Two operands of a split; a tenth of them lie so close together that only the last digits differ. */
export function operands(random: Random, split: Split, draw: () => number = () => operand(random)): [number, number] {
  return until(
    () => {
      const a = draw();
      return [a, chance(random, 0.1) ? Math.floor(a / 10) * 10 + between(random, 0, 9) : draw()];
    },
    ([a, b]) => pairBelongs(a, b, split),
  );
}

export const ANSWER: Readonly<Record<Language, string>> = { en: "The answer is {n}.", zh: "答案是{n}。" };

/** The three operations differ in their wordings and in the size of their numbers only. */
export function arithmetic(name: string, op: Operation, wordings: Lists, draw?: (random: Random) => number): Skill {
  return {
    name,
    title: `${name} of whole numbers`,
    example(random, split, options) {
      const [a, b] = operands(random, split, draw && (() => draw(random)));
      const result = apply(op, a, b);
      return compose(options, {
        prompt: ask(random, split, options.language, wordings, { a, b }),
        think(notes, level) {
          // As they were read, where the paper wants zeros before one of them.
          if (op !== "*" && digitsOf(a) !== digitsOf(b)) notes.line(`${a}${op}${b}`);
          workOut(notes, level, random, op, a, b);
        },
        content: fill(ANSWER[options.language], { n: result }),
        check: lastNumberIs(result),
      });
    },
  };
}
