import { TandemError } from "../../errors.ts";
import type { ExpertWeights, Route, RouteOptions, Weight } from "../../ops/index.ts";
import { listWords } from "./expert-runners.ts";
import type { Experts } from "./experts.ts";
import { CpuRoute, CpuTensor } from "./handles.ts";
import { inputFor, inputForm, pieceOf } from "./linear.ts";
import type { Banks } from "./memory.ts";
import { PREPARED } from "./products.ts";
import { bit, floatBits, int32, type Recorder } from "./recorder.ts";
import { Value } from "./value.ts";
import type { CpuWeight } from "./weights.ts";

export function routeByScore(r: Recorder, logits: CpuTensor, bias: Weight, o: RouteOptions): Route {
  const route = new CpuRoute(logits.rows, o.perToken);
  const bytes = r.sizes.routeScratchBytes(logits.columns);
  const scalars = [logits.rows, logits.columns, o.perToken, (bias as CpuWeight).data, floatBits(o.scale), bytes];
  r.do("routeByScore", logits.rows, [route.ids, route.weights, new Value(bytes * r.threads)], [logits.value], scalars);
  return route;
}

/** The experts are known as soon as the tokens are: streaming reads them before the layer is reached. */
export function routeByToken(r: Recorder, { list }: Banks, logits: CpuTensor, table: Weight, tokens: Int32Array, o: RouteOptions): Route {
  const { data, bank } = table as CpuWeight;
  const known = () => {
    const rows = Array.from(new Set(tokens), (t) => list[bank ?? 0]!.int32(data + 4 * o.perToken * t, o.perToken));
    return [...new Set(rows.flatMap((row) => [...row]))];
  };
  const route = new CpuRoute(logits.rows, o.perToken, known);
  const scalars = [logits.rows, logits.columns, o.perToken, data, floatBits(o.scale)];
  r.do("routeByToken", logits.rows, [route.ids, route.weights], [logits.value, int32(tokens)], scalars, { bank });
  return route;
}

/** y = Σ_k w2(weight_k · swiglu(w1 x, w3 x)); see expert-runners.ts for the steps. */
export function mixture(
  r: Recorder,
  memory: Experts,
  x: CpuTensor,
  route: CpuRoute,
  experts: readonly ExpertWeights[],
  limit: number,
): CpuTensor {
  const first = (experts[0]!.w1 as CpuWeight).expert;
  const kind = memory.kind(first);
  check(memory, experts, first);
  const slots = route.rows * route.perToken;
  const inner = kind.w1.rows;
  const width = kind.w2.rows;
  const up = inputForm(kind.w1, r.profile.linear["experts.up"].input);
  const down = inputForm(kind.w2, r.profile.linear["experts.down"].input);
  const { banks } = memory;
  const list = new Value(4 * listWords(slots));
  const { known } = route;
  const layer = { first, count: experts.length, ...(known && { known: () => known().map((e) => first + e) }) };
  r.do("group", 1, [list], [route.ids], [slots, experts.length, first], { experts: layer });

  const { value: input, pitch } = inputFor(r, x, up, 1);
  // All experts of a single row read the same input, where they can reach it.
  const direct = x.rows === 1 && memory.oneBank;
  const where = { banks, ...(direct && { bank: 0 }) };
  let gathered = input;
  if (!direct) {
    gathered = new Value(pitch * slots);
    r.do("expertGather", -1, [gathered], [input, list], [slots, route.perToken, pitch, first], where);
  }

  const tokens = Math.max(1, slots / experts.length);
  const inUse = Math.min(slots, experts.length);
  const [gate, upward, hidden] = [new Value(4 * inner * slots), new Value(4 * inner * slots), new Value(4 * inner * slots)];
  const bf16 = bit(r.profile.activations);
  r.do(
    "expertUp",
    -1,
    [gate, upward, hidden],
    [gathered, list, route.weights],
    [
      ...[slots, first, direct ? 0 : pitch, inner, up.product, floatBits(limit), bit(r.profile.linear["experts.up"].bf16), bf16],
      pieceOf((2 * kind.w1.dataBytes) / inner, inner, tokens, r.threads, inUse),
    ],
    where,
  );

  const columns = inner;
  const downPitch = down.prepared ? r.sizes.preparedBytes(down.prepared, columns) : 4 * columns;
  const prepared = new Value(downPitch * slots);
  const rounding = down.rounding ? bit(down.rounding.kind === "fp4") : -1;
  const form = down.prepared ? PREPARED.indexOf(down.prepared) : -1;
  r.do(
    "expertHidden",
    -1,
    [prepared, hidden],
    [hidden, list],
    [slots, first, inner, rounding, down.rounding?.columns ?? 0, form, downPitch],
    where,
  );

  const results = new Value(4 * width * slots);
  const piece = pieceOf(kind.w2.dataBytes / width, width, tokens, r.threads, inUse);
  const downBits = bit(r.profile.linear["experts.down"].bf16);
  r.do("expertDown", -1, [results], [prepared, list], [slots, first, downPitch, width, down.product, downBits, piece], where);

  const out = new CpuTensor(x.rows, width);
  r.do("expertSum", x.rows, [out.value], [results, list], [slots, first, x.rows, route.perToken, width], direct ? { bank: 0 } : {});
  return out;
}

const checked = new WeakSet<readonly ExpertWeights[]>();

/** Commands name experts by the first one's number, and one form of input serves all of a layer. */
function check(memory: Experts, experts: readonly ExpertWeights[], first: number): void {
  if (checked.has(experts)) return;
  for (const [e, { w1 }] of experts.entries())
    if ((w1 as CpuWeight).expert !== first + e || memory.kind(first + e) !== memory.kind(first))
      throw new TandemError("internal", { reason: "experts of one layer are stored in different ways" });
  checked.add(experts);
}
