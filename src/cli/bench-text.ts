import type { BenchReport, KernelRate, StepProfile } from "../bench/node.ts";
import { bytes, grouped, percent, plural, table } from "./text.ts";

/** Commands of a profile shown one by one; the rest is one line. */
const SHOWN = 20;

const gb = (n: number) => `${n.toFixed(1)} GB/s`;
const rate = (n: number) => (n >= 100 ? grouped(Math.round(n)) : n.toPrecision(3));
const ms = (n: number) => n.toFixed(3);

/** A bench report for people. */
export function benchText(report: BenchReport): string {
  return [
    ...conditions(report),
    "",
    ...reading(report),
    "",
    ...kernels(report),
    "",
    ...prefill(report),
    ...decode(report),
    ...memory(report),
  ]
    .concat(report.profile ? ["", ...profile(report.profile)] : [])
    .join("\n");
}

function conditions({ machine, model, numerics, threads, kernelVariant }: BenchReport): string[] {
  const { cpu, cores, memory, platform, node, commit } = machine;
  return [
    `${cpu}, ${plural(cores, "core")}, ${bytes(memory)}, ${platform}, Node ${node}${commit ? `, commit ${commit}` : ""}`,
    `${plural(model.layers, "layer")} of ${model.hidden}, ${model.heads} heads of ${model.headDim}, ` +
      `${model.expertsPerToken} of ${plural(model.experts, "expert")}, vocabulary ${grouped(model.vocabulary)}`,
    `numerics ${numerics}, ${plural(threads, "thread")}, kernels ${kernelVariant === "relaxed" ? "with" : "without"} relaxed SIMD`,
  ];
}

const reading = ({ read }: BenchReport): string[] => [
  `reading ${bytes(read.bytes)} of WebAssembly memory: what everything below is held against`,
  ...table(
    [
      ...read.alone.map((n, t) => [`thread ${t + 1} alone`, gb(n), ""]),
      [`${plural(read.threads, "thread")} at once`, gb(read.gbPerSecond), read.threads > 1 ? `${read.scaling.toFixed(2)} times one` : ""],
    ],
    "lrl",
  ),
];

/** One line for each kernel: from memory with one thread and with all, from cache, on many tokens. */
function kernels({ kernels, read }: BenchReport): string[] {
  const find = (name: string, where: string, threads: number, many: boolean) =>
    kernels.find((k) => k.name === name && k.where === where && k.threads === threads && k.tokens > 1 === many);
  const cell = (k: KernelRate | undefined) =>
    k ? [k.of === "dot" ? `${k.gmacPerSecond.toFixed(1)} GMAC/s` : gb(k.gbPerSecond), percent(k.ratio)] : ["", ""];
  const columns = [
    ["memory, 1 thread", "memory", 1, false],
    ...(read.threads > 1 ? [[`memory, ${read.threads} threads`, "memory", read.threads, false] as const] : []),
    ["cache, 1 thread", "cache", 1, false],
    ["64 tokens, 1 thread", "cache", 1, true],
  ] as const;
  const names = [...new Set(kernels.map((k) => k.name))];
  return [
    "kernels: weight bytes a second, and as part of reading the same bytes; on 64 tokens, multiply-adds as part of bare int8 dot products,",
    "of which a fixed-point product needs two or more for each",
    ...table(
      [
        ["", ...columns.flatMap(([title]) => [title, ""])],
        ...names.map((name) => [name, ...columns.flatMap(([, where, threads, many]) => cell(find(name, where, threads, many)))]),
      ],
      `l${"rr".repeat(columns.length)}`,
    ),
  ];
}

const skippedLines = ({ skipped }: BenchReport, what: string): string[] =>
  skipped.filter((s) => s.what === what).map(({ tokens, reason }) => `  ${grouped(tokens)} tokens: not measured, ${reason}`);

const prefill = (report: BenchReport): string[] => [
  "prefill: tokens a second, read into an empty cache in steps of so many",
  ...table(
    report.prefill.map((p) => [plural(p.tokens, "token"), `in steps of ${p.chunk}`, `${rate(p.tokensPerSecond)} tokens/s`]),
    "rlr",
  ),
  ...skippedLines(report, "prefill"),
  "",
];

const decode = (report: BenchReport): string[] => [
  "decode: tokens a second, bytes each of them reads, and that as part of what all threads can read in the same time",
  ...table(
    report.decode.map((d) => [
      ...[`at ${plural(d.context, "token")}`, `${rate(d.tokensPerSecond)} tokens/s`, bytes(d.bytesPerToken)],
      ...[`(${bytes(d.weightBytes)} weights, ${bytes(d.cacheBytes)} cache)`, percent(d.ratio)],
    ]),
    "rrrrr",
  ),
  ...skippedLines(report, "decode"),
  "",
];

const memory = ({ memory: m }: BenchReport): string[] => [
  "memory",
  ...table(
    [
      ["weights", bytes(m.weights)],
      ["values of a step", bytes(m.arena)],
      [`cache at ${plural(m.cacheContext, "token")}`, bytes(m.cache)],
      ["all of its WebAssembly memory", bytes(m.shared)],
      ["most the process held", bytes(m.peak)],
    ],
    "lr",
  ),
];

function profile({ context, total, untraced, parts, commands }: StepProfile): string[] {
  const row = (name: string, of: readonly (typeof commands)[number][]) => {
    const sum = (key: "count" | "longest" | "worked" | "waited") => of.reduce((s, c) => s + c[key], 0);
    return [name, sum("count").toFixed(1), ms(sum("longest")), ms(sum("worked")), ms(sum("waited")), percent(sum("longest") / total)];
  };
  const rest = commands.slice(SHOWN);
  return [
    `one decode step at ${plural(context, "token")}: ${ms(total)} ms traced (fastest quarter of the steps), ${ms(untraced)} ms untraced (median)`,
    ...table(
      parts.map(({ name, ms: n }) => [name, ms(n), percent(n / total)]),
      "lrr",
    ),
    "",
    "commands of the step, ms: of the slowest thread, of all threads together, waiting for others before it",
    ...table(
      [
        ["", "count", "longest", "worked", "waited", "of the step"],
        ...commands.slice(0, SHOWN).map((c) => row(`${c.name} ${c.detail}`.trim(), [c])),
        ...(rest.length > 0 ? [row("all others", rest)] : []),
        row("together", commands),
      ],
      "lrrrrr",
    ),
  ];
}
