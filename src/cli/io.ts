import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

export type Input = Readable & { readonly isTTY?: boolean };
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** What a command sees of the outside. Commands use nothing else of the process, so that tests can play the terminal. */
export interface IO {
  readonly stdin: Input;
  /** Results, and nothing but results. */
  readonly stdout: Output;
  /** Progress, errors, remarks. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back on every Ctrl-C until the function it returns is called. */
  onInterrupt(handler: () => void): () => void;
}

/** The process itself. */
export function processIO(): IO {
  const { stdin, stdout, stderr, env } = process;
  for (const stream of [stdout, stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // Whoever reads us (`| head -1`) has seen enough: not an error.
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  const onInterrupt = (handler: () => void) => {
    process.on("SIGINT", handler);
    return () => void process.off("SIGINT", handler);
  };
  return { stdin, stdout, stderr, env, onInterrupt };
}

/** Writes and, if the reader is slower than we are, waits for it. */
export async function write(stream: Output, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, "drain");
}

export const printLine = (io: IO, line: string): Promise<void> => write(io.stdout, `${line}\n`);
export const printJson = (io: IO, value: unknown): Promise<void> => printLine(io, JSON.stringify(value));

/** A signal that aborts on the first Ctrl-C, and the function that stops listening. */
export function interruptSignal(io: IO): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const release = io.onInterrupt(() => controller.abort());
  return { signal: controller.signal, release };
}
