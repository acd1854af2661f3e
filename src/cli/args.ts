import { parseArgs } from "node:util";
import { TandemError } from "../errors.ts";
import { COMMON_OPTIONS, type Command, type Options } from "./command.ts";
import { nearest } from "./nearest.ts";

export const badArgument = (reason: string, cause?: unknown): TandemError => new TandemError("cli/bad-argument", { reason }, { cause });

/** The arguments of one command, checked as they are asked for. All errors are `cli/bad-argument`. */
export class Args {
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;

  private constructor(positionals: readonly string[], values: Readonly<Record<string, string | boolean | undefined>>) {
    this.positionals = positionals;
    this.#values = values;
  }

  static parse(command: Command, argv: readonly string[]): Args {
    const options = { ...command.options, ...COMMON_OPTIONS };
    try {
      const { positionals, values } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
      const args = new Args(positionals, values);
      if (!args.flag("help")) checkCount(command.usage, positionals);
      return args;
    } catch (error) {
      throw error instanceof TandemError ? error : badArgument(explain(error as Error, options), error);
    }
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    return this.#values[name] as string | undefined;
  }

  /** `--name` and `--no-name`; undefined if neither is given. */
  either(name: string): boolean | undefined {
    const [yes, no] = [this.flag(name), this.flag(`no-${name}`)];
    if (yes && no) throw badArgument(`--${name} and --no-${name} exclude each other.`);
    return yes ? true : no ? false : undefined;
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw badArgument(`--${name} needs a number, not ${JSON.stringify(text)}.`);
    return value;
  }

  /** A whole number from `least` on. */
  integer(name: string, least = 0): number | undefined {
    const value = this.number(name);
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      throw badArgument(`--${name} needs a whole number from ${least}, not ${JSON.stringify(this.text(name))}.`);
    return value;
  }

  /** Whole numbers from 0 on: `1,2,3`. */
  integers(name: string): number[] | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : parseIntegers(text, `--${name}`);
  }

  choice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined || allowed.includes(text as T)) return text as T | undefined;
    throw badArgument(`--${name} is one of ${allowed.join(", ")}, not ${JSON.stringify(text)}.`);
  }
}

/** A list of whole numbers between commas or white space, in brackets or not. */
export function parseIntegers(text: string, where: string): number[] {
  const items = text
    .trim()
    .replace(/^\[|\]$/g, "")
    .trim()
    .split(/\s*,\s*|\s+/);
  return items.map((item) => {
    if (!/^\d+$/.test(item) || !Number.isSafeInteger(Number(item)))
      throw badArgument(`${where} needs whole numbers between commas; ${JSON.stringify(item.slice(0, 40))} is none.`);
    return Number(item);
  });
}

/** Holds the number of arguments against the usage line. */
function checkCount(usage: string, given: readonly string[]): void {
  const names = usage.split(" ").filter(Boolean);
  const missing = names.filter((name) => !name.startsWith("[")).at(given.length);
  if (missing) throw badArgument(`${missing} is missing.`);
  if (given.length > names.length && !names.at(-1)?.includes("…"))
    throw badArgument(`There is one argument too many: ${JSON.stringify(given[names.length])}.`);
}

/** Node's own message, with the nearest option we have. */
function explain(error: Error, options: Options): string {
  const unknown = /^Unknown option '--?([^']*)'/.exec(error.message)?.[1];
  const known = unknown === undefined ? undefined : nearest(unknown, Object.keys(options));
  return known ? `There is no option --${unknown}. Did you mean --${known}?` : error.message.replaceAll("\n", " ");
}
