import { TandemError } from "../errors.ts";
import { type BlockFormat, blockFormat, type FormatName } from "../formats/index.ts";
import type { StorageType, StoredTensor, WeightSource } from "../tensor/index.ts";

/** How the official checkpoint stores a tensor. A linear weight may come in any listed format; the others in any float. */
export type OfficialStorage = "fp8" | "fp4" | "bf16" | "f32" | "i64";

/**
 * How a model asks for its tensors: by name, logical shape and official storage. Loading, listing what a checkpoint
 * should hold and pricing it are the same walk with another getter, so the three cannot disagree. Index tables (`i64`)
 * name the bound of their values.
 */
export type WeightGetter<W> = (name: string, shape: readonly number[], storage: OfficialStorage, indexBelow?: number) => W;

const FLOATS: readonly StorageType[] = ["F32", "BF16", "F16", "F64"];
const INDICES: readonly StorageType[] = ["I64", "I32"];
const sameShape = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((n, i) => n === b[i]);
/** `foo.weight` is scaled by `foo.scale`; `foo` by `foo.scale`. */
export const scaleName = (name: string): string => `${name.replace(/\.weight$/, "")}.scale`;
/** The official name first, then those of other converters. */
export const SCALE_NAMES: readonly ((weight: string) => string)[] = [scaleName, (w) => `${w}_scale_inv`, (w) => `${w}_scale`];

/**
 * Finds a weight among a checkpoint's tensors and checks type and shape. A linear weight may be BF16, F16, F32, or one of
 * `quantisedLayouts`; anything else is a float.
 */
export function resolveWeight(
  tensors: ReadonlyMap<string, StoredTensor>,
  name: string,
  shape: readonly number[],
  storage: OfficialStorage,
  weightBlock: readonly [number, number],
  indexBelow = 0,
): WeightSource {
  const data = tensors.get(name);
  if (!data) throw new TandemError("model/missing-tensor", { name, shape });
  const accepted = storage === "i64" ? INDICES : FLOATS;
  if (accepted.includes(data.type) && sameShape(data.shape, shape)) {
    const format = data.type as WeightSource["format"];
    return storage === "i64" ? { name, shape, format, data, indexBelow } : { name, shape, format, data, ...expertPart(name) };
  }
  const layouts = (storage === "fp8" || storage === "fp4" ? quantisedLayouts(weightBlock) : []).filter(
    (l) => data.type === l.type && sameShape(data.shape, l.packed ? [shape[0]!, shape[1]! / 2] : shape),
  );
  if (layouts.length === 0) {
    const linear = storage === "fp8" || storage === "fp4" ? "F8_E4M3, F8_E5M2, I8 or packed FP4 with scales, or " : "";
    const expected = `${linear}${accepted.join(", ")} of shape ${JSON.stringify(shape)}`;
    throw new TandemError("model/wrong-tensor", { name, type: data.type, shape: data.shape, expected });
  }
  const grids = layouts.map(({ block: { block } }) => [
    Math.ceil(shape[0]! / Math.min(block.rows, shape[0]!)),
    Math.ceil(shape[1]! / Math.min(block.columns, shape[1]!)),
  ]);
  const scale = SCALE_NAMES.map((of) => tensors.get(of(name))).find((found) => found !== undefined);
  if (!scale) throw new TandemError("model/missing-tensor", { name: scaleName(name), shape: grids[0] });
  const fits = grids.findIndex((grid) => sameShape(scale.shape, grid));
  if (fits === -1 || (scale.type !== "E8M0" && scale.type !== "F32")) {
    const expected = `F8_E8M0 or F32 of shape ${grids.map((grid) => JSON.stringify(grid)).join(" or ")}`;
    throw new TandemError("model/wrong-tensor", { name: scale.name, type: scale.type, shape: scale.shape, expected });
  }
  const { format, block } = layouts[fits]!;
  return { name, shape, format, data, ...expertPart(name), quantised: { block: { ...block, scale: scale.type }, scale } };
}

/** Routed experts are known by their names, which all converters keep. */
function expertPart(name: string): Pick<WeightSource, "expert"> {
  const [, of, part] = /^(.*\.experts\.\d+)\.(w[123])\.weight$/.exec(name) ?? [];
  return of && part ? { expert: { of, part: part as "w1" | "w2" | "w3" } } : {};
}

interface QuantisedLayout {
  readonly type: StorageType;
  readonly format: FormatName;
  /** Two elements a byte: half the columns on disk. */
  readonly packed?: boolean;
  readonly block: BlockFormat;
}

/** How linear weights are stored with scales: DeepSeek's own layouts, and one scale per output channel as converters for INT8 and FP8 chips write them. */
function quantisedLayouts([rows, columns]: readonly [number, number]): QuantisedLayout[] {
  const square = { ...blockFormat("deepseek-fp8-weight"), block: { rows, columns } };
  return [
    { type: "INT8", format: "E2M1", packed: true, block: blockFormat("deepseek-fp4") },
    { type: "E2M1", format: "E2M1", block: blockFormat("deepseek-fp4") },
    { type: "E4M3", format: "E4M3", block: square },
    { type: "E5M2", format: "E5M2", block: { ...square, element: "E5M2" } },
    { type: "E4M3", format: "E4M3", block: blockFormat("fp8-channel") },
    { type: "INT8", format: "INT8", block: blockFormat("int8-channel") },
  ];
}
