import { CACHE_LAYOUTS } from "../../backends/cost/index.ts";
import type { Checkpoint, OpenOptions } from "../../checkpoint/index.ts";
import { openCheckpoint } from "../../checkpoint/node.ts";
import { TandemError } from "../../errors.ts";
import { inspect as inspectCheckpoint } from "../../plan/inspect.ts";
import { inspectCost } from "../../plan/inspect-cost.ts";
import { badArgument } from "../args.ts";
import type { Command } from "../command.ts";
import { defined } from "../defined.ts";
import { costText } from "../inspect-cost-text.ts";
import { inspectionText } from "../inspect-text.ts";
import { printJson, printLine } from "../io.ts";
import { thisMachine } from "../memory.ts";
import { findModel, LOAD_OPTIONS } from "../models.ts";
import { harmless } from "../style.ts";

const WHEN = ["auto", "always", "never"] as const;

export const inspect: Command = {
  name: "inspect",
  summary: "Shows what a checkpoint is, what it lacks, what it needs and what it costs",
  usage: "MODEL",
  about: [
    "Reads headers only: architecture and revision, tensors by dtype, parameters, what is missing or unexpected, the numerics to choose from and how far apart they are, memory and whether it fits.",
    "With --cost instead: FLOPs by number format and bytes moved, for decoding one token at the context and for a prompt of that length.",
  ],
  options: {
    context: { type: "string", value: "N", about: "tokens of the conversation (default: what the model was made for)" },
    "headers-only": {
      type: "string",
      value: "WHEN",
      about: "accept files whose data is absent: auto (default, and say so), always, never",
    },
    cost: { type: "boolean", about: "price a step instead" },
    batch: { type: "string", value: "N", about: "with --cost: sequences decoded together (default 1)" },
    "cache-layout": {
      type: "string",
      value: "NAME",
      about: `with --cost: how the cache is kept: ${CACHE_LAYOUTS.join(", ")} (default fp8-fp4, as DeepSeek deploys it)`,
    },
    numerics: { ...LOAD_OPTIONS.numerics!, about: `with --cost: ${LOAD_OPTIONS.numerics!.about}` },
  },
  examples: ["tandem inspect minnow", "tandem inspect deepseek-ai/DeepSeek-V4-Flash --cost --context 1048576"],
  async run(args, io) {
    const when = args.choice("headers-only", WHEN) ?? "auto";
    const context = args.integer("context", 1);
    const layout = args.choice("cache-layout", CACHE_LAYOUTS);
    const batch = args.integer("batch", 1);
    const numerics = args.text("numerics");
    const cost = args.flag("cost");
    if (!cost && (layout !== undefined || batch !== undefined || numerics !== undefined))
      throw badArgument("--cache-layout, --batch and --numerics go with --cost.");
    const { checkpoint, headersOnly } = await open(await findModel(args.positionals[0]!), when);
    try {
      if (cost) {
        const report = inspectCost(checkpoint, defined({ context, batch, cacheLayout: layout, numerics }));
        await (args.flag("json") ? printJson(io, report) : printLine(io, costText(report)));
      } else {
        const found = await inspectCheckpoint(checkpoint, { headersOnly, machine: thisMachine(), ...defined({ context }) });
        await (args.flag("json") ? printJson(io, found) : printLine(io, harmless(inspectionText(found))));
      }
      return 0;
    } finally {
      await checkpoint.close();
    }
  },
};

/** `auto` takes files without their data only if there is no other way. */
async function open(directory: string, when: (typeof WHEN)[number]): Promise<{ checkpoint: Checkpoint; headersOnly: boolean }> {
  const attempt = async (headersOnly: boolean) => {
    const options: OpenOptions = { headersOnly };
    return { checkpoint: await openCheckpoint(directory, options), headersOnly };
  };
  try {
    return await attempt(when === "always");
  } catch (error) {
    const absent =
      error instanceof TandemError && (error.code === "checkpoint/range-outside-file" || error.code === "checkpoint/shard-missing");
    if (when === "auto" && absent) return attempt(true);
    throw error;
  }
}
