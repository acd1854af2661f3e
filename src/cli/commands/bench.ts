import { bench as measure } from "../../bench/node.ts";
import { openCheckpoint } from "../../checkpoint/node.ts";
import { type Args, badArgument } from "../args.ts";
import { benchText } from "../bench-text.ts";
import type { Command } from "../command.ts";
import { defined } from "../defined.ts";
import { interruptSignal, printJson, printLine } from "../io.ts";
import { findModel, LOAD_OPTIONS, MODEL_IN_THE_BOX } from "../models.ts";
import { type Progress, progressBar } from "../progress.ts";
import { percent } from "../text.ts";

export const bench: Command = {
  name: "bench",
  summary: "Measures how fast a model runs here, and how near that is to what the machine can do",
  usage: "[MODEL]",
  about: [
    "In one run: how fast memory can be read, how fast each kernel goes through weights in memory and in cache, prefill, and decoding at several context lengths with the bytes a token touches. Without MODEL it is minnow.",
    'JSON: {"machine","model","read":{"gbPerSecond",…},"kernels":[{"name","where","gbPerSecond","ratio",…}],"prefill":[{"tokens","chunk","tokensPerSecond"}],"decode":[{"context","tokensPerSecond","bytesPerToken","ratio",…}],"skipped","memory":{"weights","peak",…}}.',
  ],
  options: {
    threads: { type: "string", value: "N", about: "worker threads (default: what suits machine and model)" },
    numerics: LOAD_OPTIONS.numerics!,
    contexts: { type: "string", value: "LIST", about: "tokens in the context when decoding is measured (default 1024,4096,32768)" },
    prefill: { type: "string", value: "LIST", about: "lengths of the prompts to read (default 512)" },
    quick: { type: "boolean", about: "fewer rounds, and no context that takes more than 10 seconds to reach" },
    profile: { type: "boolean", about: "also say where the time of a decode step goes" },
  },
  examples: ["tandem bench", "tandem bench DIR --threads 2 --numerics int8 --contexts 512,8192 --json", "tandem bench --quick --profile"],
  async run(args, io) {
    const options = defined({
      threads: args.integer("threads", 1),
      numerics: args.text("numerics"),
      contexts: lengths(args, "contexts", 2),
      prefill: lengths(args, "prefill", 1),
    });
    const checkpoint = await openCheckpoint(await findModel(args.positionals[0] ?? MODEL_IN_THE_BOX));
    const { signal, release } = interruptSignal(io);
    let bar: Progress | undefined;
    let doing = "";
    const onProgress = (what: string, done: number, total: number) => {
      if (what !== doing) bar?.end();
      if (what !== doing) bar = progressBar(io, what, (n) => percent(n / total));
      doing = what;
      bar!.update(done, total);
    };
    try {
      const report = await measure(checkpoint, {
        ...options,
        ...{ quick: args.flag("quick"), profile: args.flag("profile"), signal, onProgress },
      });
      bar?.end();
      await (args.flag("json") ? printJson(io, report) : printLine(io, benchText(report)));
      return 0;
    } finally {
      bar?.end();
      release();
      await checkpoint.close();
    }
  },
};

function lengths(args: Args, name: string, least: number): number[] | undefined {
  const list = args.integers(name);
  const bad = list?.find((n) => n < least);
  if (bad !== undefined) throw badArgument(`--${name} needs whole numbers from ${least}, not ${bad}.`);
  return list;
}
