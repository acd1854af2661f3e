import { TandemError } from "../../errors.ts";
import { type Family, PUBLISHED } from "../../synth/index.ts";
import { writeSynthetic } from "../../synth/write-node.ts";
import { type Args, badArgument } from "../args.ts";
import type { Command } from "../command.ts";
import { defined } from "../defined.ts";
import { interruptSignal, printJson, printLine } from "../io.ts";
import { openTextSide } from "../models.ts";
import { progressBar } from "../progress.ts";
import { bytes, grouped, plural } from "../text.ts";

const FAMILIES = Object.keys(PUBLISHED) as Family[];

export const synth: Command = {
  name: "synth",
  summary: "Writes a random checkpoint of V4 shape, to measure and test without a download",
  usage: "DIR",
  about: [
    "It has every mechanism of the family in the official layout, at any size; what it says means nothing. The same options give the same bytes everywhere.",
    "Without --tokenizer it has no text side: `tandem inspect` and `tandem logits` work, `tandem chat` does not.",
  ],
  options: {
    like: { type: "string", value: "NAME", about: `whose proportions: ${FAMILIES.join(", ")} (default flash)` },
    scale: { type: "string", value: "N", about: "parameters: 30m, 300m, 1b, …, or full for as many as the family (default 1b)" },
    seed: { type: "string", value: "N", about: "other weights (default 0)" },
    "max-shard": { type: "string", value: "BYTES", about: "size of a file at most: 500m, 4g, … (default 4 GiB)" },
    tokenizer: { type: "string", value: "MODEL", about: "take over this model's tokenizer.json" },
    force: { type: "boolean", about: "replace the checkpoint in DIR" },
  },
  examples: ["tandem synth small --scale 300m", "tandem synth talking --like pro --scale 1b --tokenizer minnow"],
  async run(args, io) {
    const like = args.choice("like", FAMILIES) ?? "flash";
    const scale = args.text("scale") === "full" ? "full" : (amount(args, "scale") ?? 1e9);
    const options = defined({ seed: args.integer("seed"), maxShardBytes: amount(args, "max-shard"), tokenizer: await tokenizerOf(args) });
    const bar = progressBar(io, "writing", bytes);
    const { signal, release } = interruptSignal(io);
    try {
      const made = await writeSynthetic(args.positionals[0], {
        like,
        scale,
        ...options,
        force: args.flag("force"),
        signal,
        onProgress: bar.update,
      });
      bar.end();
      const { location, parameters, files, config } = made;
      if (args.flag("json")) await printJson(io, { ...made, files: files.map(({ name }) => name) });
      else {
        const { num_hidden_layers: layers, hidden_size: hidden, n_routed_experts: experts, vocab_size: vocabulary } = config;
        await printLine(io, `${grouped(parameters)} parameters, ${bytes(made.bytes)} in ${plural(files.length, "file")}`);
        await printLine(io, `${layers} layers of ${hidden}, ${experts} experts, vocabulary ${grouped(vocabulary)}`);
        await printLine(io, location);
      }
      return 0;
    } finally {
      bar.end();
      release();
    }
  },
};

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, b: 1e9, t: 1e12 };

/** `1.5b`, `300m`, `4g`, `250000000`: a whole number once multiplied. */
function amount(args: Args, name: string): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)([kmgbt]?)$/i.exec(text) ?? [];
  if (number === undefined) throw badArgument(`--${name} needs a number such as 300m or 1.5b, not ${JSON.stringify(text)}.`);
  return Math.round(Number(number) * UNITS[unit.toLowerCase()]);
}

async function tokenizerOf(args: Args): Promise<Uint8Array | undefined> {
  const model = args.text("tokenizer");
  if (model === undefined) return undefined;
  const { sideFile, location } = await openTextSide(model);
  const file = await sideFile("tokenizer.json");
  if (!file) throw new TandemError("engine/no-tokenizer", { location });
  return file;
}
