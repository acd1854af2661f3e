import { COMMANDS, type CommandName, HEADER } from "./commands.ts";
import { PRODUCTS } from "./products.ts";

/** What one thread notes of a traced program: when it began and ended, then for each command how long it waited for others and worked. */
export type Times = Float64Array;
/** Milliseconds on a clock that all threads share; to a quarter of a microsecond, since they are counted from 1970. */
export const clock = (): number => performance.timeOrigin + performance.now();

/** Milliseconds, summed over the programs traced. */
export interface CommandTime {
  readonly name: CommandName;
  /** What tells commands of one kind apart: a product's kernel and shape. */
  readonly detail: string;
  count: number;
  /** Work of all threads together. */
  worked: number;
  /** Of the thread that worked longest: what the command adds to the program's time at least. */
  longest: number;
  /** Threads' waiting before it, all together. */
  waited: number;
}

/** Where the time of programs goes. Milliseconds, summed over `programs`; collected by `Cpu.trace`. */
export class Trace {
  programs = 0;
  /** Coordinator: deciding places and barriers, encoding. */
  planned = 0;
  /** Coordinator: writing the constants into the arenas. */
  wrote = 0;
  /** From the order until the last thread began. */
  started = 0;
  /** Between the last thread's beginning and the last one's end. */
  ran = 0;
  /** From the last thread's end until the coordinator knew. */
  reported = 0;
  readonly commands = new Map<string, CommandTime>();

  /** Adds one program: its words, when it was ordered and known to have ended, each thread's notes. */
  add(words: Int32Array, ordered: number, ended: number, threads: readonly Times[]): void {
    this.programs++;
    const began = Math.max(...threads.map((t) => t[0]!));
    const stopped = Math.max(...threads.map((t) => t[1]!));
    this.started += began - ordered;
    this.ran += stopped - began;
    this.reported += ended - stopped;
    for (let at = 0, i = 2; at < words.length; at += words[at + 3]!, i += 2) {
      const time = this.#of(words, at);
      const work = threads.map((t) => t[i + 1]!);
      time.count++;
      time.worked += work.reduce((a, b) => a + b);
      time.longest += Math.max(...work);
      for (const t of threads) time.waited += t[i]!;
    }
  }

  #of(words: Int32Array, at: number): CommandTime {
    const name = COMMANDS[words[at]! & 0xffff]!;
    const w = words.subarray(at + HEADER);
    const detail = name === "matmul" ? `${PRODUCTS[w[2]!]!.kernel} ${w[9]}x${w[8]}` : "";
    const key = `${name} ${detail}`;
    let time = this.commands.get(key);
    if (!time) this.commands.set(key, (time = { name, detail, count: 0, worked: 0, longest: 0, waited: 0 }));
    return time;
  }
}
