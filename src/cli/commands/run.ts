import { answerOnce } from "../answer-once.ts";
import { ANSWER_OPTIONS, answerOptions } from "../answer-options.ts";
import { badArgument } from "../args.ts";
import type { Command } from "../command.ts";
import { systemMessage } from "../conversation.ts";
import { defined } from "../defined.ts";
import { promptFrom, readConversation, readTools } from "../input.ts";
import { LOAD_OPTIONS, loadEngine } from "../models.ts";

export const run: Command = {
  name: "run",
  summary: "Answers one prompt",
  usage: "MODEL [PROMPT…]",
  about: [
    "The prompt comes as arguments or through the pipe. The answer goes to standard output, the thinking, dimmed, to the terminal only.",
    'JSON: {"reasoning","content","toolCalls","usage","finishReason",…}.',
  ],
  options: {
    ...ANSWER_OPTIONS,
    messages: { type: "string", value: "FILE", about: "a conversation in OpenAI's JSON to answer, or to go on from with PROMPT" },
    tools: { type: "string", value: "FILE", about: "tools in OpenAI's JSON" },
    ...LOAD_OPTIONS,
  },
  examples: ['tandem run minnow "What is 17 + 25?"', "echo 17 plus 25 | tandem run minnow --no-thinking --json"],
  async run(args, io) {
    const [model, ...words] = args.positionals;
    const file = args.text("messages");
    const options = answerOptions(args);
    const { messages: earlier, tools: own } = file === undefined ? { messages: [] } : await readConversation(file, io);
    const tools = (await readTools(args.text("tools"), io)) ?? own;
    // With a conversation in a file the pipe is left alone: nothing may ever come.
    const prompt = file !== undefined && words.length === 0 ? undefined : await promptFrom(words, io);
    if (prompt === undefined && earlier.length === 0) throw badArgument("There is no prompt: give it as an argument or through a pipe.");
    const messages = [
      ...systemMessage(args, earlier),
      ...earlier,
      ...(prompt === undefined ? [] : [{ role: "user", content: prompt } as const]),
    ];
    const engine = await loadEngine(model!, args, io);
    return await answerOnce(engine, messages, { ...options, ...defined({ tools }) }, io, args.flag("json"));
  },
};
