import type { Args } from "./args.ts";
import type { IO } from "./io.ts";

/** An option as `parseArgs` of node:util takes it, with what the help says about it. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** What stands for the value in the help: `N`, `FILE`. */
  readonly value?: string;
  readonly about: string;
  readonly short?: string;
}

export type Options = Readonly<Record<string, OptionSpec>>;

/** All commands have this shape. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Arguments in order: `MODEL` must be there, `[TEXT]` may, `[PROMPT…]` may be several words. */
  readonly usage: string;
  /** Paragraphs of the help. */
  readonly about?: readonly string[];
  /** `--json` and `--help` are added to every command. */
  readonly options: Options;
  readonly examples?: readonly string[];
  /** Exit status. Failures are thrown as `TandemError`. */
  run(args: Args, io: IO): Promise<number>;
}

export const COMMON_OPTIONS: Options = {
  json: { type: "boolean", about: "print the result, and any error, as JSON" },
  help: { type: "boolean", short: "h", about: "show this help" },
};
