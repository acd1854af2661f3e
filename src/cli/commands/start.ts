import { answerOnce } from "../answer-once.ts";
import { ANSWER_OPTIONS, answerOptions } from "../answer-options.ts";
import { badArgument } from "../args.ts";
import type { Command } from "../command.ts";
import { systemMessage } from "../conversation.ts";
import { promptFrom } from "../input.ts";
import { LOAD_OPTIONS, loadEngine, MODEL_IN_THE_BOX } from "../models.ts";
import { talk } from "./chat.ts";

export const start: Command = {
  name: "start",
  summary: "Talks with the model in the box, or answers PROMPT and exits",
  usage: "[PROMPT…]",
  about: ["This is what `npm start` runs. The prompt may also come through a pipe."],
  options: { ...ANSWER_OPTIONS, ...LOAD_OPTIONS },
  examples: ["tandem", 'tandem start "What is 17 + 25?"', 'echo "What is 17 + 25?" | tandem start'],
  async run(args, io) {
    if (args.positionals.length === 0 && io.stdin.isTTY) return await talk(MODEL_IN_THE_BOX, args, io);
    const prompt = await promptFrom(args.positionals, io);
    if (prompt === undefined) throw badArgument("There is no prompt: the pipe was empty.");
    const options = answerOptions(args);
    const engine = await loadEngine(MODEL_IN_THE_BOX, args, io);
    return await answerOnce(engine, [...systemMessage(args, []), { role: "user", content: prompt }], options, io, args.flag("json"));
  },
};
