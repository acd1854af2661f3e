import type { CostReport } from "../plan/inspect-cost.ts";
import type { StepPrice } from "../plan/price.ts";
import { bytes, flops, grouped, percent, plural, table } from "./text.ts";

/** A cost report for people. */
export function costText(report: CostReport): string {
  const { context, batch, cacheLayout, numerics, decode, prefill, cache, againstV32 } = report;
  const formats = [...new Set([decode, prefill].flatMap((step) => Object.keys(step.flops)))].sort();
  const all = (step: StepPrice) => Object.values(step.flops).reduce((a, b) => a + b, 0);
  const row = (name: string, of: (step: StepPrice) => string) => [name, of(decode), of(prefill)];
  return [
    `${plural(context, "token")} of context, numerics ${numerics}, cache ${cacheLayout}`,
    "",
    ...table(
      [
        ["one step", batch === 1 ? "decode 1 token" : `decode ${batch} sequences`, `prefill ${plural(context, "token")}`],
        ...formats.map((format) => row(format, (step) => flops(step.flops[format] ?? 0))),
        row("all formats", (step) => flops(all(step))),
        row("in FP8 equivalents", (step) => flops(step.fp8EquivalentFlops)),
        row("weights read", (step) => bytes(step.weightBytes)),
        row("cache read", (step) => bytes(step.cacheBytesRead)),
        row("cache written", (step) => bytes(step.cacheBytesWritten)),
      ],
      "lrr",
      "",
    ),
    "",
    ...table(
      [
        ["cache of one sequence", "bytes per token", `at ${grouped(context)}`, "of which windows", "compressor state"],
        ...cache.map((c) => [c.layout, grouped(c.bytesPerToken), bytes(c.totalBytes), bytes(c.windowBytes), bytes(c.compressorStateBytes)]),
      ],
      "lrrrr",
      "",
    ),
    "",
    `beside DeepSeek-V3.2 at this context: ${percent(againstV32.decodeFlops)} of its FLOPs per decoded token (FP8 equivalents), ` +
      `${percent(againstV32.cacheBytesPerToken)} of its cache per token (${cacheLayout} against V3.2's ${againstV32.v32Cache})`,
    "Counted: matrix products, attention, indexer, hyper-connections. FP8 equivalents: BF16 and FP32 count twice, FP8 and FP4 × FP8 once, FP4 × FP4 half.",
    "A prefill reads each weight once; chunked, it reads them once per chunk.",
  ].join("\n");
}
