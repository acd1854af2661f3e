/** Programs between two looks at how the other number of threads would do: often enough to notice, rarely enough not to matter. */
const TRIAL = { first: 8, most: 256 } as const;
/** How much of a new time goes into the mean. */
const WEIGHT = 0.2;

interface Pace {
  /** Mean milliseconds with all threads and with one. */
  all: number | undefined;
  one: number | undefined;
  /** Programs until the next trial, and how long to wait after it. */
  left: number;
  wait: number;
}

/**
 * How many threads a program should have. On free cores more are faster; on cores that others use too, threads that meet a few hundred times
 * a step wait for each other's time slices, and one thread alone may be many times faster. Which it is can only be tried. Programs are
 * told apart by their size, as a decoded token and a long chunk behave differently. Results do not depend on the choice.
 */
export class Paces {
  readonly #threads: number;
  readonly #bySize = new Map<number, Pace>();

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Threads for the next program of this arena size; after it has run, `took` wants to know. */
  choose(arenaBytes: number): { readonly threads: number; readonly took: (ms: number) => void } {
    if (this.#threads === 1) return { threads: 1, took: () => {} };
    const size = Math.round(Math.log2(arenaBytes));
    let pace = this.#bySize.get(size);
    if (!pace) this.#bySize.set(size, (pace = { all: undefined, one: undefined, left: TRIAL.first, wait: TRIAL.first }));
    const usual = pace.one !== undefined && pace.all !== undefined && pace.one < pace.all ? "one" : "all";
    const trial = --pace.left <= 0;
    const chosen = trial ? (usual === "all" ? "one" : "all") : usual;
    return {
      threads: chosen === "all" ? this.#threads : 1,
      took: (ms) => {
        const before = pace[chosen];
        pace[chosen] = before === undefined ? ms : before + WEIGHT * (ms - before);
        if (!trial) return;
        // A single try is noisy: its time counts in full if it was better, so that the next programs find out.
        if (ms < pace[usual]!) {
          pace[chosen] = ms;
          pace.wait = TRIAL.first;
        } else pace.wait = Math.min(TRIAL.most, 2 * pace.wait);
        pace.left = pace.wait;
      },
    };
  }
}
