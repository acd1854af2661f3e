import { TandemError } from "../errors.ts";

/**
 * Reads fields of an untrusted `config.json`. Every number is checked against a range that keeps later loops and
 * allocations sane: a config may claim a billion layers, but it may not make us count to a billion.
 */
export class ConfigReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(fields: Readonly<Record<string, unknown>>, where = "config.json") {
    this.#fields = fields;
    this.#where = where;
  }

  #fail(field: string, expected: string): never {
    const value = this.#fields[field];
    const shown = value === undefined ? "is missing" : `is ${JSON.stringify(value)?.slice(0, 60)}`;
    throw new TandemError("model/bad-config", { field: `${this.#where}: ${field}`, reason: `${shown}, expected ${expected}` });
  }

  has(field: string): boolean {
    return Object.hasOwn(this.#fields, field) && this.#fields[field] !== null;
  }

  integer(field: string, min: number, max: number, fallback?: number): number {
    if (!this.has(field) && fallback !== undefined) return fallback;
    const value = this.#fields[field];
    if (!Object.hasOwn(this.#fields, field) || typeof value !== "number" || !Number.isInteger(value) || value < min || value > max)
      this.#fail(field, `an integer from ${min} to ${max}`);
    return value as number;
  }

  number(field: string, min: number, max: number, fallback?: number): number {
    if (!this.has(field) && fallback !== undefined) return fallback;
    const value = this.#fields[field];
    if (!Object.hasOwn(this.#fields, field) || typeof value !== "number" || !(value >= min && value <= max))
      this.#fail(field, `a number from ${min} to ${max}`);
    return value as number;
  }

  boolean(field: string, fallback: boolean): boolean {
    if (!this.has(field)) return fallback;
    const value = this.#fields[field];
    if (typeof value !== "boolean") this.#fail(field, "true or false");
    return value as boolean;
  }

  /** The field must hold one of `choices`; anything else is refused rather than ignored. */
  choice<const C extends string>(field: string, choices: readonly C[], fallback: C): C {
    if (!this.has(field)) return fallback;
    const value = this.#fields[field];
    if (!choices.includes(value as C)) this.#fail(field, choices.map((c) => `"${c}"`).join(" or "));
    return value as C;
  }

  integers(field: string, choices: readonly number[], minLength: number, maxLength: number): number[] {
    const value = this.#fields[field];
    const ok = Array.isArray(value) && value.length >= minLength && value.length <= maxLength && value.every((v) => choices.includes(v));
    if (!ok) this.#fail(field, `${minLength} to ${maxLength} entries out of ${choices.join(", ")}`);
    return value as number[];
  }

  object(field: string): ConfigReader | undefined {
    if (!this.has(field)) return undefined;
    const value = this.#fields[field];
    if (typeof value !== "object" || Array.isArray(value)) this.#fail(field, "an object");
    return new ConfigReader(value as Record<string, unknown>, `${this.#where}: ${field}`);
  }

  raw(field: string): unknown {
    return Object.hasOwn(this.#fields, field) ? this.#fields[field] : undefined;
  }

  /** For rules between fields. */
  require(condition: boolean, field: string, expected: string): void {
    if (!condition) this.#fail(field, expected);
  }
}
