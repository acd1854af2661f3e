import type { Findings, Inspection, Layers, Revision } from "../plan/inspect.ts";
import { numericsLines } from "./inspect-numerics-text.ts";
import { bytes, grouped, parameters, plural, table } from "./text.ts";

/** An inspection for people. */
export function inspectionText(found: Inspection): string {
  const { architecture, layers, tensors, files, missing, unexpected, numerics, memory } = found;
  return [
    found.location,
    ...(found.headersOnly
      ? ["headers only: tensor data that the headers announce is not there, so the model cannot be run from this folder"]
      : []),
    ...(files.missing.length > 0
      ? [`${plural(files.missing.length, "shard")} of ${files.count + files.missing.length} not there: ${someOf(files.missing)}`]
      : []),
    `architecture ${architecture.type}${architecture.supported ? "" : `, not run by Tandem: ${architecture.reason}`}`,
    ...table([...(layers ? layerRows(layers) : []), ...revisionRows(found.revision)], "ll"),
    "",
    `${grouped(found.parameters)} parameters (${parameters(found.parameters)}; packed FP4 counted as two, scales not counted)`,
    `${plural(tensors.count, "tensor")}, ${grouped(tensors.bytes)} bytes (${bytes(tensors.bytes)}) in ${plural(files.count, "file")}`,
    ...declared(found),
    ...table(
      tensors.byDtype.map((row) => [row.dtype, plural(row.tensors, "tensor"), bytes(row.bytes)]),
      "lrr",
    ),
    ...(missing && unexpected
      ? [
          "",
          ...findingLines("missing or wrong", missing, ({ message }) => message),
          ...findingLines("unexpected", unexpected, (name) => name),
        ]
      : []),
    ...(numerics ? ["", ...numericsLines(numerics)] : []),
    ...(memory ? memoryLines(memory, missing?.count ?? 0) : []),
  ].join("\n");
}

const someOf = (names: readonly string[]) => names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");

const DRAFTERS = { mtp: "MTP block (the preview layout)", dspark: "DSpark (a DSpark re-release, 0731 or 0813)", none: "none" };

type Row = readonly [string, string];

function revisionRows(r: Revision): Row[] {
  const declared = r.declaredExpertDtype ? ` (config.json says ${r.declaredExpertDtype})` : "";
  return [
    ...(r.drafter ? [["drafter", DRAFTERS[r.drafter]] as const] : []),
    ...(r.expertStorage ? [["experts stored as", `${r.expertStorage}${declared}`] as const] : []),
    ...(r.weightBlock ? [["FP8 blocks", `${r.weightBlock.join(" × ")}${r.scaleFormat ? `, scales ${r.scaleFormat}` : ""}`] as const] : []),
    ["prompt dialect", r.dialect?.name ?? "unknown"],
    ...(r.dialect?.reasons ?? [r.dialectUnknown ?? ""]).map((reason) => ["", reason] as const),
  ];
}

function layerRows(l: Layers): Row[] {
  const kinds = [
    [l.slidingWindow, "sliding window"],
    [l.csa, "CSA"],
    [l.hca, "HCA"],
  ] as const;
  const present = kinds.filter(([n]) => n > 0).map(([n, kind]) => `${n} ${kind}`);
  return [
    ["layers", `${l.total}: ${present.join(", ")}${l.drafter ? `; ${l.drafter} more in the drafter` : ""}`],
    ["experts", `${l.experts}, ${l.expertsPerToken} per token; ${l.hashRouted} layers route by hash, ${l.scoreRouted} by score`],
    ["context", `up to ${grouped(l.maxContext)} tokens`],
  ];
}

const declared = ({ files, tensors }: Inspection): string[] =>
  files.declaredTensorBytes === undefined || files.declaredTensorBytes === tensors.bytes
    ? []
    : [`the index declares ${grouped(files.declaredTensorBytes)} bytes, which is not what the headers say`];

function findingLines<T>(what: string, { count, first }: Findings<T>, show: (item: T) => string): string[] {
  if (count === 0) return [`nothing ${what}`];
  const more = count > first.length ? [`  … and ${grouped(count - first.length)} more`] : [];
  return [`${what}: ${plural(count, "tensor")}`, ...first.map((item) => `  ${show(item)}`), ...more];
}

function memoryLines(memory: NonNullable<Inspection["memory"]>, missing: number): string[] {
  const { context, items, totalBytes, machine, smallest } = memory;
  const streamed = smallest.totalBytes < totalBytes;
  const { inMemory, all } = smallest.experts ?? { inMemory: 0, all: 0 };
  return [
    "",
    `memory to run it, one conversation of ${plural(context, "token")}${missing > 0 ? " (as if what is missing were there)" : ""}`,
    ...table(
      [
        ...items.map(({ what, bytes: n }) => [what, bytes(n)]),
        ["together", bytes(totalBytes)],
        ...(streamed
          ? [[`with ${grouped(inMemory)} of ${grouped(all)} experts, the others read when needed`, bytes(smallest.totalBytes)]]
          : []),
        ["this machine", bytes(machine.totalBytes)],
        ["of which free now", bytes(machine.freeBytes)],
      ],
      "lr",
    ),
    verdict(memory),
  ];
}

function verdict({ fit, smallest }: NonNullable<Inspection["memory"]>): string {
  if (fit === "fits") return "It fits.";
  if (smallest.fit === "fits")
    return "Not all of it fits into what is free, but it runs: experts that find no room are read from disk when needed, which takes time.";
  return smallest.fit === "does-not-fit"
    ? "It does not fit this machine."
    : "It fits this machine, but not into what is free now: close other programs first, or expect swapping.";
}
