import { seededRandom } from "../engine/random.ts";

/** Token ids that are the same in every run: what a model is fed does not change its speed, only which experts it uses. */
export class Random {
  readonly #next: () => number;
  readonly #vocabulary: number;

  constructor(vocabulary: number) {
    this.#next = seededRandom(1);
    this.#vocabulary = vocabulary;
  }

  tokens(count: number): number[] {
    return Array.from({ length: count }, () => Math.floor(this.#next() * this.#vocabulary));
  }
}
