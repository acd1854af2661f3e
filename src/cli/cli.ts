import { readFile } from "node:fs/promises";
import { TandemError } from "../errors.ts";
import { Args } from "./args.ts";
import { COMMANDS } from "./commands/index.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { type IO, printLine } from "./io.ts";
import { nearest } from "./nearest.ts";
import { reportError } from "./report-error.ts";

/** The whole command line: finds the command, runs it, reports what goes wrong. Returns the exit status. */
export async function runCli(argv: readonly string[], io: IO): Promise<number> {
  const end = argv.indexOf("--");
  const json = (end < 0 ? argv : argv.slice(0, end)).includes("--json");
  try {
    return await dispatch(argv, io);
  } catch (error) {
    return reportError(error, io, json);
  }
}

async function dispatch(argv: readonly string[], io: IO): Promise<number> {
  const [name = "start", ...rest] = argv;
  if (name === "--help" || name === "-h" || (name === "help" && rest.length === 0)) return await print(io, mainHelp(COMMANDS));
  if (name === "--version" || name === "-v") return await print(io, await version());
  if (name === "help") return await print(io, commandHelp(find(rest[0]!)));
  // Options alone are those of `start`.
  const bare = name.startsWith("-");
  const command = find(bare ? "start" : name);
  const args = Args.parse(command, bare ? argv : rest);
  return args.flag("help") ? await print(io, commandHelp(command)) : await command.run(args, io);
}

function find(name: string) {
  const command = COMMANDS.find((c) => c.name === name);
  if (command) return command;
  throw new TandemError("cli/unknown-command", {
    command: name,
    nearest: nearest(
      name,
      COMMANDS.map((c) => c.name),
    ),
  });
}

async function print(io: IO, text: string): Promise<number> {
  await printLine(io, text);
  return 0;
}

/** From package.json, two folders up both in a checkout (src/cli) and in the installed package (dist/cli). */
async function version(): Promise<string> {
  return JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")).version;
}
