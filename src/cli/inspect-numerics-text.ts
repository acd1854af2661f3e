import type { NumericsFacts } from "../plan/inspect-numerics.ts";
import type { Distance } from "../verify/index.ts";
import { grouped, table } from "./text.ts";

/** What there is to choose from, and how far each lies from the official numerics, for people. */
export function numericsLines({ profiles, measured }: NumericsFacts): string[] {
  const row = (name: string, { kl, sameTop }: Distance) =>
    [name, kl.mean.toExponential(1), kl.p99.toExponential(1), `${(100 * sameTop).toFixed(1)} %`] as const;
  const rows = measured.on.flatMap(({ model, tokens, floor, distances }) => [
    [`${model}, ${tokens}`, ...row("floor", floor), grouped(floor.positions), grouped(Number(Math.exp(floor.entropy).toPrecision(2)))],
    ...Object.entries(distances).map(([name, distance]) => ["", ...row(name, distance)]),
  ]);
  return [
    "numerics",
    ...table(
      profiles.map(({ name, title }) => [name, title]),
      "ll",
    ),
    `distance from ${measured.from} (KL divergence per position, in nats), as measured on these models, ${measured.date}`,
    ...table([["", "", "mean", "99 % below", "same top token", "positions", "perplexity"], ...rows], "llrrrrr"),
    "  floor: the same numerics with sums off by float32's precision, as any second implementation has them",
    "  the more tokens are in question (perplexity; random weights: many), the smaller a difference that changes the top one",
  ];
}
