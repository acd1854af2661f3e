import { TandemError } from "../errors.ts";
import { BF16 } from "./bf16.ts";
import { E2M1 } from "./e2m1.ts";
import { E2M3 } from "./e2m3.ts";
import { E3M2 } from "./e3m2.ts";
import { E4M3 } from "./e4m3.ts";
import { E5M2 } from "./e5m2.ts";
import { E8M0 } from "./e8m0.ts";
import { F16 } from "./f16.ts";
import { F32 } from "./f32.ts";
import { HIF8 } from "./hif8.ts";
import { INT4 } from "./int4.ts";
import { INT8 } from "./int8.ts";
import type { FormatName, NumberFormat } from "./number-format.ts";

/** Every number format by name. */
export const FORMATS: Readonly<Record<FormatName, NumberFormat>> = { F32, F16, BF16, E4M3, E5M2, E8M0, E2M3, E3M2, E2M1, INT8, INT4, HIF8 };

export const isFormatName = (name: string): name is FormatName => Object.hasOwn(FORMATS, name);

/** The format called `name`. @throws TandemError `formats/unknown` */
export function format(name: string): NumberFormat {
  if (!isFormatName(name))
    throw new TandemError("formats/unknown", { kind: "number format", name, known: Object.keys(FORMATS).join(", ") });
  return FORMATS[name];
}
