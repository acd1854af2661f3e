import { TandemError } from "../errors.ts";
import { type IO, printJson, write } from "./io.ts";
import { styleFor } from "./style.ts";

/** Says what went wrong and what to do; returns the exit status: 2 if the command line itself is wrong, else 1. */
export async function reportError(error: unknown, io: IO, json: boolean): Promise<number> {
  const known = error instanceof TandemError ? error : new TandemError("internal", { reason: String(error) }, { cause: error });
  const { code, message, next } = known;
  if (json) await printJson(io, { error: { code, message, next } });
  const { bold } = styleFor(io, io.stderr);
  await write(io.stderr, `${bold("error")} [${code}]: ${message}\nnext: ${next}\n`);
  if (io.env.TANDEM_DEBUG) await write(io.stderr, `${error instanceof Error ? error.stack : String(error)}\n`);
  return code.startsWith("cli/") ? 2 : 1;
}
