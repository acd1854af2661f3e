import type { RouteOptions } from "../../ops/index.ts";
import { largest } from "./attention.ts";
import { Routing, type Values } from "./values.ts";

/** softplus(v) is v itself above 20. */
export const sqrtSoftplus = (v: number) => Math.sqrt(v > 20 ? v : Math.log1p(Math.exp(v)));

/** Top-K by √softplus(logit) + bias; the bias selects but does not weigh. Experts come out in ascending order, as they are summed. */
export function routeByScore(logits: Values, bias: Float32Array, o: RouteOptions): Routing {
  return route(logits, o, (scores) =>
    largest(
      scores.map((s, e) => s + bias[e]!),
      o.perToken,
    ),
  );
}

/** Experts fixed by token id (hash-routed layers). */
export function routeByToken(logits: Values, table: Int32Array, tokens: Int32Array, o: RouteOptions): Routing {
  return route(logits, o, (_, row) => table.slice(tokens[row]! * o.perToken, (tokens[row]! + 1) * o.perToken).sort());
}

function route(logits: Values, o: RouteOptions, choose: (scores: Float64Array, row: number) => Int32Array): Routing {
  const out = new Routing(logits.rows, o.perToken);
  for (let row = 0; row < logits.rows; row++) {
    const scores = logits.data.slice(row * logits.columns, (row + 1) * logits.columns).map(sqrtSoftplus);
    const ids = choose(scores, row);
    let total = 0;
    for (const id of ids) total += scores[id]!;
    for (const [k, id] of ids.entries()) {
      out.ids[row * o.perToken + k] = id;
      out.weights[row * o.perToken + k] = (o.scale * scores[id]!) / total;
    }
  }
  return out;
}
