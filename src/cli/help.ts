import { COMMON_OPTIONS, type Command } from "./command.ts";
import { table } from "./text.ts";

export function commandHelp(command: Command): string {
  const { name, summary, usage, about = [], examples = [] } = command;
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([option, { short, value, about }]) => [
    `${short ? `-${short}, ` : ""}--${option}${value ? ` ${value}` : ""}`,
    about,
  ]);
  return [
    `tandem ${[name, usage, "[options]"].filter(Boolean).join(" ")}`,
    "",
    `${summary}.`,
    ...about.flatMap((paragraph) => ["", paragraph]),
    "",
    "Options",
    ...table(options, "ll"),
    ...(examples.length > 0 ? ["", "Examples", ...examples.map((example) => `  ${example}`)] : []),
  ].join("\n");
}

export function mainHelp(commands: readonly Command[]): string {
  return [
    "tandem COMMAND [arguments] [options]",
    "",
    "Runs, verifies and plans DeepSeek's open models from the published bytes.",
    "",
    "Commands",
    ...table(
      commands.map(({ name, usage, summary }) => [`${name} ${usage}`, summary]),
      "ll",
    ),
    "",
    'MODEL is a folder, ORG/NAME[@REVISION] already pulled, or "minnow" (also "-"): the small model in the box.',
    "`tandem COMMAND --help` tells more; `tandem --version` tells the version; `tandem` alone is `tandem start`.",
  ].join("\n");
}
