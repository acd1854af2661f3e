/** What every engine is asked to do, and how it answers: the same tokens, contexts and counts. */
import { parseArgs } from "node:util";

export interface Workload {
  readonly threads: number;
  /** Prompt lengths: each is read from an empty cache, then decoded from. */
  readonly contexts: readonly number[];
  /** Tokens decoded at each context. */
  readonly decode: number;
  readonly repeats: number;
}

/** Tokens per second, medians of the repeats. What `tandem bench --json` prints, besides other things. */
export interface Rates {
  /** Of the engine, where it says so. */
  readonly version?: string;
  readonly prefill: readonly { readonly tokens: number; readonly tokensPerSecond: number }[];
  readonly decode: readonly { readonly context: number; readonly tokensPerSecond: number }[];
}

type Option = { readonly type: "string"; readonly default: string } | { readonly type: "boolean"; readonly default: boolean };

/** Arguments common to the scripts of this folder; `own` are those of one of them. */
export function readArguments<Own extends Record<string, Option>>(usage: string, own: Own) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      peers: { type: "string" },
      threads: { type: "string", default: "2" },
      contexts: { type: "string", default: "512" },
      decode: { type: "string", default: "32" },
      repeats: { type: "string", default: "3" },
      ...own,
    },
  });
  const { peers, threads, contexts, decode, repeats } = values as unknown as Record<string, string>;
  if (positionals.length !== 1 || !peers) throw new Error(`usage: ${usage}`);
  const workload: Workload = {
    threads: Number(threads),
    contexts: contexts!.split(",").map(Number),
    decode: Number(decode),
    repeats: Number(repeats),
  };
  return {
    target: positionals[0]!,
    peers,
    workload,
    values: values as unknown as { readonly [K in keyof Own]: Own[K]["type"] extends "boolean" ? boolean : string },
  };
}

/** The same token ids for every engine: a linear congruential sequence over the ids past the special ones. */
export function randomTokens(count: number, vocabulary: number): number[] {
  const first = Math.min(300, vocabulary >> 1);
  let state = 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return first + Math.floor((state / 2 ** 32) * (vocabulary - first));
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Medians over several answers to one workload. */
export function medianRates(all: readonly Rates[]): Rates {
  const [first] = all;
  const middle = (pick: (r: Rates) => { readonly tokensPerSecond: number }): number => median(all.map((r) => pick(r).tokensPerSecond));
  return {
    ...(first!.version !== undefined && { version: first!.version }),
    prefill: first!.prefill.map(({ tokens }, i) => ({ tokens, tokensPerSecond: middle((r) => r.prefill[i]!) })),
    decode: first!.decode.map(({ context }, i) => ({ context, tokensPerSecond: middle((r) => r.decode[i]!) })),
  };
}
