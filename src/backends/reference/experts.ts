import type { ExpertWeights } from "../../ops/index.ts";
import { swiglu } from "./elementwise.ts";
import { type LoadedWeight, type Routing, Values } from "./values.ts";

type Linear = (x: Values, w: LoadedWeight, kind: "experts.up" | "experts.down") => Values;

/**
 * y += w2( weight · swiglu(w1 x, w3 x) ): the routing weight multiplies before w2. Each expert runs once on the rows
 * that chose it; going through experts in ascending order gives every row its terms in ascending order too.
 */
export function experts(
  x: Values,
  route: Routing,
  weights: readonly ExpertWeights[],
  limit: number,
  linear: Linear,
  round: (v: number) => number,
): Values {
  const y = new Values(x.rows, x.columns);
  const slots: number[][] = weights.map(() => []);
  for (const [slot, id] of route.ids.entries()) slots[id]!.push(slot);
  for (const [e, chosen] of slots.entries()) {
    if (chosen.length === 0) continue;
    const w = weights[e]!;
    const input = new Values(chosen.length, x.columns);
    for (const [i, slot] of chosen.entries()) {
      const row = Math.floor(slot / route.perToken);
      input.data.set(x.data.subarray(row * x.columns, (row + 1) * x.columns), i * x.columns);
    }
    const h = swiglu(linear(input, w.w1 as LoadedWeight, "experts.up"), linear(input, w.w3 as LoadedWeight, "experts.up"), limit);
    for (let i = 0; i < h.data.length; i++) h.data[i] = round(h.data[i]! * route.weights[chosen[Math.floor(i / h.columns)]!]!);
    const out = linear(h, w.w2 as LoadedWeight, "experts.down");
    for (const [i, slot] of chosen.entries()) {
      const row = Math.floor(slot / route.perToken);
      for (let c = 0; c < y.columns; c++) y.data[row * y.columns + c]! += out.data[i * y.columns + c]!;
    }
  }
  return y;
}
