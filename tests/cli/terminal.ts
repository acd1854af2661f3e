import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { runCli } from "../../src/cli/cli.ts";
import type { IO } from "../../src/cli/io.ts";

/** A terminal, or pipes, for commands that run inside the test. */
export class Terminal implements IO {
  readonly stdin;
  readonly stdout;
  readonly stderr;
  readonly env: Record<string, string | undefined>;
  readonly #handlers = new Set<() => void>();
  /** All that was written, in one string per stream. */
  out = "";
  err = "";

  constructor(
    options: {
      readonly tty?: boolean;
      readonly input?: string;
      readonly columns?: number;
      readonly rows?: number;
      readonly env?: Record<string, string>;
    } = {},
  ) {
    const { tty = false, input, columns = 80, rows = 24, env = {} } = options;
    const size = tty ? { isTTY: true, columns, rows } : {};
    this.stdin = Object.assign(
      input === undefined ? new PassThrough() : Readable.from([Buffer.from(input)]),
      tty ? { isTTY: true, setRawMode() {} } : {},
    );
    this.stdout = Object.assign(new PassThrough({ encoding: "utf8" }), size);
    this.stderr = Object.assign(new PassThrough({ encoding: "utf8" }), size);
    this.stdout.on("data", (text: string) => (this.out += text));
    this.stderr.on("data", (text: string) => (this.err += text));
    this.env = env;
  }

  onInterrupt(handler: () => void): () => void {
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  /** Ctrl-C as a signal. */
  interrupt(): void {
    for (const handler of this.#handlers) handler();
  }

  type(text: string): void {
    (this.stdin as PassThrough).write(text);
  }

  /** Waits until the output contains `text` (from `after` on). */
  async until(text: string, after = 0): Promise<void> {
    const deadline = performance.now() + 10_000;
    while (!this.out.slice(after).includes(text)) {
      if (performance.now() > deadline) throw new Error(`never saw ${JSON.stringify(text)} in ${JSON.stringify(this.out.slice(after))}`);
      await new Promise((r) => setTimeout(r, 2));
    }
  }
}

/** Runs a command inside the test, with pipes; an empty one for stdin unless `input` is given. */
export async function cli(argv: readonly string[], input = ""): Promise<{ status: number; out: string; err: string }> {
  const terminal = new Terminal({ input });
  const status = await runCli(argv, terminal);
  // Streams hand on what they were given in later ticks.
  await new Promise((r) => setImmediate(r));
  return { status, out: terminal.out, err: terminal.err };
}

/** The same as JSON. */
export async function json(argv: readonly string[], input = "") {
  const { out, err, status } = await cli([...argv, "--json"], input);
  if (!out) throw new Error(`${argv.join(" ")}: status ${status}, ${err}`);
  return JSON.parse(out);
}

export const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");

/** Runs the real program in its own process. */
export function spawnCli(argv: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, ...argv], { env: { ...process.env, ...env }, stdio: "pipe" });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (err += text));
  const done = new Promise<{ status: number | null; out: string; err: string }>((finished) => {
    child.on("close", (status) => finished({ status, out, err }));
  });
  return { child, done };
}
