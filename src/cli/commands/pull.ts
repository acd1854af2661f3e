import { pull as pullModel } from "../../checkpoint/node.ts";
import type { Command } from "../command.ts";
import { defined } from "../defined.ts";
import { interruptSignal, printJson, printLine } from "../io.ts";
import { progressBar } from "../progress.ts";
import { bytes, plural } from "../text.ts";

export const pull: Command = {
  name: "pull",
  summary: "Downloads a model from a Hugging Face-compatible hub",
  usage: "ORG/NAME[@REV]",
  about: [
    "The model goes to the cache that all Hugging Face tools share (HF_HUB_CACHE, HF_HOME), every file checked by its hash.",
    "Interrupted by Ctrl-C or anything else, the same command continues where it stopped. HF_TOKEN opens gated models.",
  ],
  options: { endpoint: { type: "string", value: "URL", about: "address of the hub (default: HF_ENDPOINT, else https://huggingface.co)" } },
  examples: ["tandem pull deepseek-ai/DeepSeek-V4-Flash", "tandem pull deepseek-ai/DeepSeek-V4-Flash@main --endpoint https://hub.example"],
  async run(args, io) {
    const bar = progressBar(io, "downloading", bytes);
    const { signal, release } = interruptSignal(io);
    try {
      const endpoint = args.text("endpoint");
      const {
        directory,
        commit,
        files,
        bytes: size,
      } = await pullModel(args.positionals[0]!, {
        ...defined({ endpoint }),
        signal,
        onProgress: ({ bytes: done, total }) => bar.update(done, total),
      });
      bar.end();
      if (args.flag("json")) await printJson(io, { directory, commit, files: files.length, bytes: size });
      else await printLine(io, `${plural(files.length, "file")}, ${bytes(size)}, commit ${commit}\n${directory}`);
      return 0;
    } finally {
      bar.end();
      release();
    }
  },
};
