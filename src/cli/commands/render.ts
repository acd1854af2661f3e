import { loadText } from "../../engine/text-side.ts";
import { TandemError } from "../../errors.ts";
import type { DialectName } from "../../text/index.ts";
import { ANSWER_OPTIONS, effortFrom } from "../answer-options.ts";
import type { Command } from "../command.ts";
import { defined } from "../defined.ts";
import { readConversation, readTools } from "../input.ts";
import { printJson, printLine } from "../io.ts";
import { LOAD_OPTIONS, openTextSide } from "../models.ts";
import { shownOn, styleFor } from "../style.ts";
import { plural } from "../text.ts";

export const render: Command = {
  name: "render",
  summary: "Writes a conversation as the prompt string and token ids the model sees",
  usage: "MODEL [FILE]",
  about: [
    "FILE (or the pipe, also -) holds a list of messages in OpenAI's JSON, or an object with `messages` and `tools`.",
    "Beside role and content: reasoning_content, tool_calls, tool_call_id, and in system messages tools and response_format.",
    "MODEL needs no weights: a folder with tokenizer.json and config.json is enough.",
  ],
  options: {
    thinking: ANSWER_OPTIONS.thinking!,
    "no-thinking": ANSWER_OPTIONS["no-thinking"]!,
    effort: ANSWER_OPTIONS.effort!,
    tools: { type: "string", value: "FILE", about: "tools in OpenAI's JSON" },
    dialect: LOAD_OPTIONS.dialect!,
  },
  examples: [`echo '[{"role":"user","content":"hello"}]' | tandem render minnow --no-thinking`],
  async run(args, io) {
    const [model, file = "-"] = args.positionals;
    const side = await openTextSide(model!);
    // The ids that end an answer are no concern here.
    const text = await loadText(side, 0, args.text("dialect") as DialectName | undefined);
    if (!text) throw new TandemError("engine/no-tokenizer", { location: side.location });
    const { messages, tools: own } = await readConversation(file, io);
    const tools = (await readTools(args.text("tools"), io)) ?? own;
    const { dialect, tokenizer, reasons } = text;
    const rendered = dialect.render(messages, {
      thinking: args.either("thinking") ?? true,
      ...defined({ effort: effortFrom(args.text("effort")), tools }),
    });
    const ids = tokenizer.encodeSegments(rendered.segments);
    if (args.flag("json")) {
      await printJson(io, { dialect: dialect.name, reasons, prompt: rendered.text, ids, startsIn: rendered.startsIn });
    } else {
      await printLine(io, shownOn(io.stdout, rendered.text));
      await printLine(io, styleFor(io, io.stdout).dim(`${plural(ids.length, "token")}, dialect ${dialect.name}: ${ids.join(",")}`));
    }
    return 0;
  },
};
