/** Every measurement runs in a process of its own: nothing of one engine is warm, mapped or allocated while another runs. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a program and gives what it printed. If it fails, the error says what the program said. */
export async function child(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await run(program, args, { maxBuffer: 1 << 26 })).stdout;
  } catch (cause) {
    const { stderr = "", message } = cause as Error & { readonly stderr?: string };
    const lines = stderr.split("\n").filter((line) => line.trim() !== "");
    throw new Error(lines.find((line) => /^(\w*error)\b/i.test(line)) ?? lines.at(-1) ?? message, { cause });
  }
}

/** The same for a script of this repository, under the Node that runs this one. */
export const nodeChild = (script: string, args: readonly string[]): Promise<string> => child(process.execPath, [script, ...args]);
