import { TandemError } from "../../errors.ts";
import { ANSWER_OPTIONS, answerOptions } from "../answer-options.ts";
import { type Args, badArgument } from "../args.ts";
import { Chat } from "../chat/chat.ts";
import type { Command } from "../command.ts";
import { systemMessage } from "../conversation.ts";
import { readConversation } from "../input.ts";
import type { IO } from "../io.ts";
import { isModelInTheBox, LOAD_OPTIONS, loadEngine, MODEL_IN_THE_BOX } from "../models.ts";
import { remarkOnStreaming } from "../streaming.ts";

export const chat: Command = {
  name: "chat",
  summary: "Talks with a model",
  usage: "[MODEL]",
  about: ["Without MODEL it is the model in the box. /help inside the chat lists its commands."],
  options: {
    ...ANSWER_OPTIONS,
    messages: { type: "string", value: "FILE", about: "go on with a conversation that /save wrote" },
    ...LOAD_OPTIONS,
  },
  examples: ["tandem chat", "tandem chat deepseek-ai/DeepSeek-V4-Flash --no-thinking"],
  run: async (args, io) => talk(args.positionals[0] ?? MODEL_IN_THE_BOX, args, io),
};

export async function talk(model: string, args: Args, io: IO): Promise<number> {
  if (args.flag("json")) throw badArgument("A chat has no JSON: use `tandem run MODEL PROMPT --json`.");
  const file = args.text("messages");
  const { messages: earlier } = file === undefined ? { messages: [] } : await readConversation(file, io);
  const options = answerOptions(args);
  const engine = await loadEngine(model, args, io);
  try {
    if (!engine.text) throw new TandemError("engine/no-tokenizer", { location: engine.location });
    const box = isModelInTheBox(model);
    const hint = 'A small model that adds and subtracts whole numbers: try "What is 17 + 25?"';
    const messages = [...systemMessage(args, earlier), ...earlier];
    await new Chat(engine, { title: box ? MODEL_IN_THE_BOX : model, ...(box && { hint }), messages, options }, io).talk();
    await remarkOnStreaming(engine, io);
    return 0;
  } finally {
    await engine.close();
  }
}
