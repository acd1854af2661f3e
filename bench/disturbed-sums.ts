import { Reference } from "../src/backends/reference/index.ts";
import { seededRandom } from "../src/engine/random.ts";
import { round } from "../src/formats/index.ts";
import { LINEAR_KINDS, type LinearKind, type LinearNumerics, type Numerics, type Tensor, type Weight } from "../src/ops/index.ts";

/** What float32 sums in another order differ by, relative to the result. */
const RELATIVE = 1e-7;

/**
 * The reference interpreter with every sum of a linear layer disturbed before it is rounded: a second correct implementation of the same
 * numerics, as good as float32 can be. Distances not well above its own are no property of a numerics.
 */
export class DisturbedSums extends Reference {
  readonly #outputs: Numerics["linear"];
  readonly #random = seededRandom(1);

  constructor(numerics: Numerics) {
    const unrounded = LINEAR_KINDS.map((kind): [LinearKind, LinearNumerics] => [kind, { ...numerics.linear[kind], output: "exact" }]);
    super({ ...numerics, linear: Object.fromEntries(unrounded) as Record<LinearKind, LinearNumerics> });
    this.#outputs = numerics.linear;
  }

  override groupedLinear(x: Tensor, w: Weight, groups: number, kind: LinearKind): Tensor {
    const y = super.groupedLinear(x, w, groups, kind) as Tensor & { readonly data: Float64Array };
    const { output } = this.#outputs[kind];
    const rounded = output === "exact" ? (v: number) => v : round(output);
    for (let i = 0; i < y.data.length; i++) y.data[i] = rounded(y.data[i]! * (1 + RELATIVE * (2 * this.#random() - 1)));
    return y;
  }
}
