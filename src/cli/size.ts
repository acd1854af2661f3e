import { badArgument } from "./args.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Bytes: `6GiB`, `800 MB`, `2.5gb`, `1000000`. Error `cli/bad-argument`. */
export function parseSize(text: string, option: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (!Number.isSafeInteger(Math.round(bytes)))
    throw badArgument(`${option} needs a size such as 6GiB or 800MB, not ${JSON.stringify(text)}.`);
  return Math.round(bytes);
}
