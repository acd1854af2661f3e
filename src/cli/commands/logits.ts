import type { LogitsOptions, LogitsResult, PositionLogits } from "../../engine/index.ts";
import { badArgument, parseIntegers } from "../args.ts";
import type { Command } from "../command.ts";
import { defined } from "../defined.ts";
import { readInput } from "../input.ts";
import { type IO, printLine, write } from "../io.ts";
import { MEMORY_OPTIONS, type Steps } from "../memory.ts";
import { LOAD_OPTIONS, loadEngine } from "../models.ts";
import { progressBar } from "../progress.ts";
import { grouped, table } from "../text.ts";

interface Scored {
  readonly id: number;
  readonly logit: number;
}

const DEFAULT_CHUNK = 512;

export const logits: Command = {
  name: "logits",
  summary: "Computes the logits of a list of token ids; needs no tokenizer",
  usage: "MODEL",
  about: [
    'JSON: {"positions":[{"position":0,"top":[{"id":5,"logit":1.25}]}]}, with "logits" (the whole vocabulary) under --full, and with --mtp a second list "mtp": at position p from the state at p and the token at p + 1. A logit that is not a finite number is null.',
  ],
  options: {
    tokens: { type: "string", value: "IDS", about: "token ids: 1,2,3" },
    "tokens-file": { type: "string", value: "FILE", about: "token ids from a file, or from the pipe (-)" },
    positions: { type: "string", value: "LIST", about: "positions wanted, from 0 (default: all)" },
    top: { type: "string", value: "N", about: "how many of the largest logits (default 5)" },
    full: { type: "boolean", about: "every logit" },
    mtp: { type: "boolean", about: "also those of the multi-token-prediction block" },
    chunk: { type: "string", value: "N", about: `tokens per step; any value gives the same numbers (default ${DEFAULT_CHUNK})` },
    numerics: LOAD_OPTIONS.numerics!,
    ...MEMORY_OPTIONS,
  },
  examples: [
    "tandem logits minnow --tokens 0,20,21 --top 3",
    "tandem logits minnow --tokens 0,20,21 --positions 2 --full --numerics float --json",
  ],
  async run(args, io) {
    const [model] = args.positionals;
    const file = args.text("tokens-file");
    const given = args.integers("tokens");
    if ((given === undefined) === (file === undefined)) throw badArgument("Give the tokens either by --tokens or by --tokens-file.");
    const tokens = given ?? parseIntegers(await readInput(file!, io), `The file ${file}`);
    const top = args.integer("top", 1) ?? 5;
    const chunk = args.integer("chunk", 1) ?? DEFAULT_CHUNK;
    const options: LogitsOptions = defined({ positions: args.integers("positions"), chunk, mtp: args.flag("mtp") });
    const engine = await loadEngine(model!, args, io, { text: false, steps: stepsOf(tokens.length, chunk, options) });
    const bar = progressBar(io, "computing", grouped);
    let result: LogitsResult;
    try {
      result = await engine.logits(tokens, { ...options, onProgress: bar.update });
    } finally {
      bar.end();
      await engine.close();
    }
    if (args.flag("json")) {
      await write(io.stdout, '{"positions":');
      await printList(io, result.positions, top, args.flag("full"));
      if (result.mtp) {
        await write(io.stdout, ',"mtp":');
        await printList(io, result.mtp, top, args.flag("full"));
      }
      await write(io.stdout, "}\n");
    } else {
      await printTable(io, result.positions, args.flag("full") ? Number.POSITIVE_INFINITY : top);
      if (result.mtp) {
        await printLine(io, "\nmulti-token prediction");
        await printTable(io, result.mtp, args.flag("full") ? Number.POSITIVE_INFINITY : top);
      }
    }
    return 0;
  },
};

function stepsOf(tokens: number, chunk: number, { positions, mtp }: LogitsOptions): Steps {
  const step = Math.max(1, Math.min(chunk, tokens));
  const wanted = positions?.length ?? tokens;
  // With the prediction block every position of a step has logits, twice.
  return { context: Math.max(1, tokens), step, logits: mtp ? 2 * step : Math.min(step, wanted), kept: mtp ? 2 * wanted : wanted };
}

/** Piece by piece: the whole vocabulary at a few hundred positions is longer than a string can be. */
async function printList(io: IO, list: readonly PositionLogits[], top: number, full: boolean): Promise<void> {
  for (const [i, { position, logits }] of list.entries()) {
    const entry = { position, top: largest(logits, top), ...(full && { logits: [...logits] }) };
    await write(io.stdout, `${i === 0 ? "[" : ","}${JSON.stringify(entry)}`);
  }
  await write(io.stdout, list.length === 0 ? "[]" : "]");
}

async function printTable(io: IO, list: readonly PositionLogits[], top: number): Promise<void> {
  for (const { position, logits } of list) {
    await printLine(io, `position ${position}`);
    const rows = largest(logits, top).map(({ id, logit }) => [String(id), logit.toFixed(6)]);
    await printLine(io, table(rows, "rr").join("\n"));
  }
}

/** The largest logits first; equal ones in the order of their ids. A threshold first: sorting pairs of a whole vocabulary takes 60 ms a position. */
function largest(logits: Float32Array, count: number): Scored[] {
  const threshold = logits.toSorted()[Math.max(logits.length - count, 0)]!;
  const all = Array.from(logits, (logit, id): Scored => ({ id, logit })).filter(({ logit }) => !(logit < threshold));
  return all.sort((a, b) => b.logit - a.logit || a.id - b.id).slice(0, count);
}
