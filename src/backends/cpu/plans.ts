import { type ArenaOf, type Plan, plan } from "./plan.ts";
import type { Recording } from "./recording.ts";

/** Plans kept: decoding goes round in a few, as windows of tokens are completed and stores moved. */
const KEPT = 32;

interface Known {
  readonly shape: Int32Array;
  readonly plan: Plan;
}

/**
 * Plans programs, and knows again those that differ from an earlier one in scalars and constants only: of tokens decoded one after the other
 * nearly all. What a plan decides follows from the program's shape alone.
 */
export class Plans {
  /** The one used last first. */
  readonly #known: Known[] = [];

  /** The plan with the recording's scalars in its words, good until it is asked for again. */
  of({ shape, scalars }: Recording, arenaOf: ArenaOf): Plan {
    const made = this.#find(shape, arenaOf) ?? this.#make(shape, arenaOf);
    const { words, scalarsAt } = made;
    for (let i = 0; i < scalars.length; i++) words[scalarsAt[i]!] = scalars[i]!;
    return made;
  }

  #find(shape: Int32Array, arenaOf: ArenaOf): Plan | undefined {
    const i = this.#known.findIndex((known) => same(known.shape, shape));
    if (i < 0) return undefined;
    const [known] = this.#known.splice(i, 1) as [Known];
    if (!known.plan.arenas.every(({ bank, bytes, at }) => arenaOf(bank, bytes) === at)) return undefined;
    this.#known.unshift(known);
    return known.plan;
  }

  #make(shape: Int32Array, arenaOf: ArenaOf): Plan {
    const made = plan(shape, arenaOf);
    this.#known.unshift({ shape: shape.slice(), plan: made });
    if (this.#known.length > KEPT) this.#known.pop();
    return made;
  }
}

function same(a: Int32Array, b: Int32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
