import type { Language } from "../skill.ts";
import { entries } from "../split.ts";
import type { Kind } from "./field.ts";

/** A tool of everyday life, asked for in everyday words. */
export interface Family {
  readonly name: string;
  readonly description: Readonly<Record<Language, string>>;
  readonly parameters: readonly (readonly [string, Kind])[];
  /** Requests; `{name}` is where a parameter's value stands. */
  readonly asked: Readonly<Record<Language, readonly string[]>>;
}

/** A family in short: requests stand between bars. */
export const family = (
  name: string,
  en: string,
  zh: string,
  parameters: Family["parameters"],
  askedInEnglish: string,
  askedInChinese: string,
): Family => ({
  name,
  description: { en, zh },
  parameters,
  asked: { en: entries(askedInEnglish), zh: entries(askedInChinese) },
});
