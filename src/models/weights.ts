import { TandemError } from "../errors.ts";
import { type BlockFormat, blockFormat } from "../formats/index.ts";
import type { StoredTensor, WeightSource } from "../tensor/index.ts";

/** How the official checkpoint stores a tensor. A linear weight may come in any listed format; the others in any float. */
export type OfficialStorage = "fp8" | "fp4" | "bf16" | "f32" | "i64";

/**
 * How a model asks for its tensors: by name, logical shape and official storage. Loading, listing what a checkpoint
 * should hold and pricing it are the same walk with another getter, so the three cannot disagree. Index tables (`i64`)
 * name the bound of their values.
 */
export type WeightGetter<W> = (name: string, shape: readonly number[], storage: OfficialStorage, indexBelow?: number) => W;

const FLOATS = ["F32", "BF16", "F16"];
const sameShape = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((n, i) => n === b[i]);
/** `foo.weight` is scaled by `foo.scale`; `foo` by `foo.scale`. */
export const scaleName = (name: string): string => `${name.replace(/\.weight$/, "")}.scale`;

/** Finds a weight among a checkpoint's tensors and checks type and shape. Scales may be E8M0 or F32. */
export function resolveWeight(
  tensors: ReadonlyMap<string, StoredTensor>,
  name: string,
  shape: readonly number[],
  storage: OfficialStorage,
  weightBlock: readonly [number, number],
  indexBelow?: number,
): WeightSource {
  const data = tensors.get(name);
  if (!data) throw new TandemError("model/missing-tensor", { name, shape });
  const fail = (expected: string): never => {
    throw new TandemError("model/wrong-tensor", { name, type: data.type, shape: data.shape, expected });
  };
  const check = (ok: boolean, expected: string) => ok || fail(expected);
  const type = data.type;

  if (storage === "i64") {
    check(type === "I64" || type === "I32", "I64");
    check(sameShape(data.shape, shape), `shape ${JSON.stringify(shape)}`);
    return { name, shape, format: type as "I64" | "I32", data, indexBelow: indexBelow ?? 0 };
  }
  const quantisable = (storage === "fp8" || storage === "fp4") && shape.length === 2;
  if (quantisable && (type === "INT8" || type === "E2M1")) {
    const [rows, columns] = shape as [number, number];
    check(
      columns % 2 === 0 && (sameShape(data.shape, [rows, columns / 2]) || (type === "E2M1" && sameShape(data.shape, shape))),
      `packed FP4 for ${JSON.stringify(shape)}`,
    );
    return { name, shape, format: "E2M1", data, quantised: scaled(tensors, name, shape, blockFormat("deepseek-fp4")) };
  }
  check(sameShape(data.shape, shape), `shape ${JSON.stringify(shape)}`);
  if (quantisable && type === "E4M3") {
    const block: BlockFormat = { ...blockFormat("deepseek-fp8-weight"), block: { rows: weightBlock[0], columns: weightBlock[1] } };
    return { name, shape, format: "E4M3", data, quantised: scaled(tensors, name, shape, block) };
  }
  check(FLOATS.includes(type), quantisable ? "F8_E4M3 or packed FP4 with scales, BF16, F16 or F32" : "BF16, F16 or F32");
  return { name, shape, format: type as "F32" | "BF16" | "F16", data };
}

function scaled(tensors: ReadonlyMap<string, StoredTensor>, name: string, shape: readonly number[], block: BlockFormat) {
  const scale = tensors.get(scaleName(name)) ?? tensors.get(`${name}_scale_inv`);
  const grid = [Math.ceil(shape[0]! / block.block.rows), Math.ceil(shape[1]! / block.block.columns)];
  if (!scale) throw new TandemError("model/missing-tensor", { name: scaleName(name), shape: grid });
  if ((scale.type !== "E8M0" && scale.type !== "F32") || !sameShape(scale.shape, grid))
    throw new TandemError("model/wrong-tensor", {
      name: scale.name,
      type: scale.type,
      shape: scale.shape,
      expected: `F8_E8M0 or F32 of shape ${JSON.stringify(grid)}`,
    });
  return { block: scale.type === "F32" ? { ...block, scale: "F32" as const } : block, scale };
}
