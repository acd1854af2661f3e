import { TandemError } from "../../errors.ts";
import { loadTokenizer } from "../../text/index.ts";
import { badArgument } from "../args.ts";
import type { Command } from "../command.ts";
import { readInput } from "../input.ts";
import { printJson, printLine, write } from "../io.ts";
import { openTextSide } from "../models.ts";
import { isTerminal, shownOn, styleFor } from "../style.ts";

export const tokenize: Command = {
  name: "tokenize",
  summary: "Turns text into token ids, or back",
  usage: "MODEL [TEXT]",
  about: [
    "Without TEXT the text is read from the pipe, byte for byte. Spellings of control tokens inside it are ordinary text, as in any prompt.",
    "MODEL needs no weights: a folder with tokenizer.json is enough.",
  ],
  options: { decode: { type: "string", value: "IDS", about: "turn these ids (1,2,3) into text" } },
  examples: ['tandem tokenize minnow "17 + 25"', "tandem tokenize minnow --decode 20,21"],
  async run(args, io) {
    const [model, text] = args.positionals;
    const ids = args.integers("decode");
    if (ids && text !== undefined) throw badArgument("TEXT and --decode exclude each other.");
    if (!ids && text === undefined && io.stdin.isTTY) throw badArgument("TEXT is missing.");
    const { sideFile, location } = await openTextSide(model!);
    const file = await sideFile("tokenizer.json");
    if (!file) throw new TandemError("engine/no-tokenizer", { location });
    const tokenizer = loadTokenizer(file);
    if (ids) {
      const decoded = tokenizer.decode(ids);
      if (args.flag("json")) await printJson(io, { ids, text: decoded });
      else await write(io.stdout, io.stdout.isTTY ? `${shownOn(io.stdout, decoded)}\n` : decoded);
      return 0;
    }
    const encoded = tokenizer.encode(text ?? (await readInput("-", io)));
    const tokens = encoded.map((id) => tokenizer.decode([id]));
    if (args.flag("json")) await printJson(io, { ids: encoded, tokens });
    else {
      await printLine(io, encoded.join(","));
      const pieces = tokens.map((token) => shownOn(io.stdout, token).replaceAll("\n", "⏎")).join("│");
      if (isTerminal(io, io.stdout)) await printLine(io, styleFor(io, io.stdout).dim(pieces));
    }
    return 0;
  },
};
